import type { FloraAsrError } from '../../kernels/errors.ts';
import type { RecognitionResult } from '../engine/recognition.ts';

/** What ended an utterance: a pause, a flush, the end of the stream, or 30 s. */
export type EndedBy = 'pause' | 'flush' | 'finish' | 'length';

/** What a stream of speech tells, channel by channel in the order of its audio. */
export type SpeechEvent =
  | { readonly kind: 'speech-started'; readonly channel: number; readonly startMs: number }
  | {
      readonly kind: 'final';
      readonly channel: number;
      readonly startMs: number;
      readonly endMs: number;
      readonly endedBy: EndedBy;
      readonly result: RecognitionResult;
      /** from the end of the utterance, as it was decided, until now; waiting for room in the engine included */
      readonly endToFinalMs: number;
    }
  /** an utterance that got no words: its audio is accounted for by this */
  | {
      readonly kind: 'failed';
      readonly channel: number;
      readonly startMs: number;
      readonly endMs: number;
      readonly error: FloraAsrError;
    };
