import type { Recording, Span } from '../../../../bench/benches/streams/recordings.ts';

export interface RecordingShape {
  readonly id: string;
  /** at 16 kHz */
  readonly length: number;
  /** of every sample */
  readonly value?: number;
  readonly speech?: readonly Span[];
}

/** A recording of one value throughout, so that it is seen in a stream. */
export function recording({ id, length, value = 1_000, speech }: RecordingShape): Recording {
  const durationSeconds = length / 16_000;
  return {
    utterance: { id, audioPath: `${id}.ogg`, text: id, language: 'el', split: 'test', spoken: true, durationSeconds },
    samples: new Int16Array(length).fill(value),
    speech: speech ?? [{ startSample: 0, endSample: length }],
    tokenCount: 3,
  };
}
