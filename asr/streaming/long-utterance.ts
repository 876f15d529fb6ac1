import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { quietestPlace } from '../audio/quietest-place.ts';
import type { RecognisedWord } from '../engine/job.ts';

/** An utterance that is heard again and again as it grows. */
export interface GrowingUtterance {
  /** 16 kHz, all that was heard */
  readonly samples: Float32Array;
  readonly words: readonly RecognisedWord[];
  /** of the words: that clients were told of, and that have become so */
  readonly stable: { readonly told: number; readonly now: number };
}

/** Behind so many words, and at this sample of the utterance. */
export interface WordCut {
  readonly words: number;
  readonly sample: number;
}

/** From here on an utterance is cut at a pause, from there on at the best place there is. */
const PAUSE_FROM_SAMPLES = 8 * SAMPLE_RATE_HZ;
const ANYWHERE_FROM_SAMPLES = 12 * SAMPLE_RATE_HZ;
/** Not before this, so that either part says enough to be understood. */
const EARLIEST_CUT_SAMPLES = 6 * SAMPLE_RATE_HZ;
const LEAST_REST_SAMPLES = SAMPLE_RATE_HZ / 2;
/** A pause is 20 dB softer than the whole. */
const MOST_PAUSE_ENERGY = 0.01;
/** Where a word ends is known so well. */
const REACH_SAMPLES = 0.15 * SAMPLE_RATE_HZ;
/** Of which the energy is measured: as long as what `quietestPlace` looks for. */
const QUIET_SAMPLES = 0.1 * SAMPLE_RATE_HZ;

/**
 * Where to end an utterance that has become long, so that each second of audio costs the same however long somebody
 * speaks without a pause; null: not yet. Always behind a stable word, the pause that is deepest; and never before a word
 * that clients were told will not change, since it is to be in the final that comes of the first part.
 */
export function wordCut({ samples, words, stable }: GrowingUtterance): WordCut | null {
  if (samples.length < PAUSE_FROM_SAMPLES) return null;
  let deepest: WordCut | null = null;
  let least = samples.length < ANYWHERE_FROM_SAMPLES ? MOST_PAUSE_ENERGY * meanEnergy(samples) : Number.POSITIVE_INFINITY;
  for (let count = Math.max(1, stable.told); count <= stable.now; count += 1) {
    const sample = placeBehind(words, count, samples);
    if (sample < EARLIEST_CUT_SAMPLES || samples.length - sample < LEAST_REST_SAMPLES) continue;
    const energy = meanEnergy(samples.subarray(sample - QUIET_SAMPLES / 2, sample + QUIET_SAMPLES / 2));
    if (energy > least) continue;
    least = energy;
    deepest = { words: count, sample };
  }
  return deepest;
}

/** The quietest place between a word and the next one. */
function placeBehind(words: readonly RecognisedWord[], count: number, samples: Float32Array): number {
  const end = toSamples(words[count - 1]?.endMs ?? 0);
  const next = toSamples(words[count]?.startMs ?? 0);
  const from = Math.max(0, end - REACH_SAMPLES);
  const to = Math.min(samples.length, Math.max(end, next) + REACH_SAMPLES);
  return from + quietestPlace(samples.subarray(from, to));
}

function toSamples(ms: number): number {
  return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
}

function meanEnergy(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}
