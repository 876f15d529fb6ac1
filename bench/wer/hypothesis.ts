import { z } from 'zod';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';

/** What a system made of one utterance. Plain JSON: it is kept in the cache. */
export const hypothesisSchema = z
  .object({
    /** null: there is none, and all words of the reference count as deleted */
    text: z.string().nullable(),
    /** the code of what kept it from being heard */
    error: z.string().nullable(),
    /** guards that tripped, of all attempts; null where the system does not tell */
    trips: z.array(z.string()).nullable(),
    /** of work: an utterance's share of its batches in our engine, the call in a peer; null where nobody counts */
    seconds: z.number().nullable(),
    /** from the end of the audio to the text, through a network; null offline */
    latencyMs: z.number().nullable(),
    /** encoder positions of the attempt that was taken; null where the system does not tell */
    context: z.int().nullable(),
    attempts: z.int().nullable(),
    /** `name@version` of our adapter; null for the base model and for others */
    adapter: z.string().nullable(),
  })
  .readonly();

export type Hypothesis = z.output<typeof hypothesisSchema>;

const NOTHING_KNOWN: Hypothesis = {
  text: null,
  error: null,
  trips: null,
  seconds: null,
  latencyMs: null,
  context: null,
  attempts: null,
  adapter: null,
};

/** What others tell: a text, and what is known of it. */
export function textHypothesis(text: string, known: Partial<Hypothesis> = {}): Hypothesis {
  return { ...NOTHING_KNOWN, ...known, text };
}

export function missingHypothesis(error: string): Hypothesis {
  return { ...NOTHING_KNOWN, error };
}

export function engineHypothesis({ text, trips, context, attempts, adapter, timings }: RecognitionResult): Hypothesis {
  return {
    text,
    error: null,
    trips: [...trips],
    seconds: (timings.featuresMs + timings.encodeMs + timings.decodeMs) / 1000,
    latencyMs: null,
    context,
    attempts,
    adapter: adapter === null ? null : `${adapter.name}@${adapter.version}`,
  };
}
