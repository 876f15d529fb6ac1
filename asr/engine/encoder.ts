import type { Adapter } from '../../adapters/adapter.ts';
import { FRAMES_PER_POSITION } from '../features/context.ts';
import { logMel } from '../features/log-mel.ts';
import type { EncodedRow } from './decode-pool.ts';
import type { EncoderRow, WhisperEncoder } from './whisper-encoder.ts';

/** What an utterance is encoded from. */
export interface EncoderJob {
  /** 16 kHz mono */
  readonly samples: Float32Array;
  /** encoder positions */
  readonly context: number;
  readonly adapterSlot: number;
}

/** A batch, encoded. */
export interface Encoding {
  /** in the order of the jobs */
  readonly rows: readonly EncodedRow[];
  /** of each row */
  readonly featuresMs: readonly number[];
  /** in the encoder's graph */
  readonly encodeMs: number;
}

/** Encodes batches, in this thread or in another, and has the adapters that it needs for that. */
export interface Encoder {
  /** Takes effect for batches that are encoded from now on. @param adapter null makes the slot the identity again */
  writeSlot(slot: number, adapter: Adapter | null): void;
  /** @throws FloraAsrError `audio_not_finite`, `argument_invalid`, … for the batch as a whole */
  encode(jobs: readonly EncoderJob[]): Promise<Encoding>;
  /** Lets a batch that is being encoded end. */
  close(): Promise<void>;
}

/** Features and encoder of one batch, in this thread. */
export async function encodeJobs(encoder: WhisperEncoder, jobs: readonly EncoderJob[]): Promise<Encoding> {
  const featuresMs: number[] = [];
  const rows = jobs.map(({ samples, context, adapterSlot }): EncoderRow => {
    const begun = performance.now();
    const mel = logMel(samples, { mels: encoder.mels, frames: FRAMES_PER_POSITION * context });
    featuresMs.push(performance.now() - begun);
    return { mel, adapterSlot };
  });
  const begun = performance.now();
  const encoded = await encoder.encode(rows);
  return { rows: encoded, featuresMs, encodeMs: performance.now() - begun };
}
