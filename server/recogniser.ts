import type { BeamSizes } from '../asr/engine/beam-sizes.ts';
import type { Engine } from '../asr/engine/engine.ts';
import type { RowGate } from '../asr/engine/row-gate.ts';
import type { VoiceDetector } from '../asr/voice-activity/voice-detector.ts';

/** What protocols need of the engine. */
export type ServedEngine = Pick<
  Engine,
  | 'recognise'
  | 'detectLanguage'
  | 'describeRoute'
  | 'adapters'
  | 'base'
  | 'config'
  | 'runtime'
  | 'rowsInFlight'
  | 'tokenBytes'
  | 'stats'
  | 'view'
>;

/** What turns audio into words, once it runs; shared by all protocols. */
export interface Recogniser {
  readonly engine: ServedEngine;
  readonly voice: VoiceDetector;
  /** in front of the engine's queue: live rows before those of files */
  readonly rows: RowGate;
  readonly beamSizes: BeamSizes;
  /** monotonic milliseconds */
  readonly clock: () => number;
}
