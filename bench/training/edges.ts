import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { noiseFloor, speechLevel, toAmplitude } from './loudness.ts';
import { whiteNoise } from './noise.ts';
import type { Random, Range } from './random-choices.ts';

/** A window of 10 ms belongs to the speech, if it is no quieter than this below it. */
const WINDOW_SAMPLES = SAMPLE_RATE_HZ / 100;
const QUIET = toAmplitude(-40);
/** Beside the speech: breath and the ends of soft consonants. */
const KEPT_MS = 50;
/** Silence that we add: no quieter than the last bits of 16, and far below the speech. */
const LEAST_LEVEL = toAmplitude(-85);
const MOST_BELOW_SPEECH = toAmplitude(-40);

export function toSamples(milliseconds: number): number {
  return Math.round((milliseconds * SAMPLE_RATE_HZ) / 1000);
}

/** The quiet that a signal begins and ends with, in samples, less 50 ms beside the speech. 0 and 0 of a signal without speech. */
export function quietEdges(samples: Float32Array): { readonly leading: number; readonly trailing: number } {
  const threshold = speechLevel(samples) * QUIET;
  const windows = Math.floor(samples.length / WINDOW_SAMPLES);
  const loud = (window: number) =>
    speechLevel(samples.subarray(window * WINDOW_SAMPLES, (window + 1) * WINDOW_SAMPLES)) > threshold;
  let first = 0;
  while (first < windows && !loud(first)) first += 1;
  if (first === windows) return { leading: 0, trailing: 0 };
  let end = windows;
  while (!loud(end - 1)) end -= 1;
  const kept = toSamples(KEPT_MS);
  return {
    leading: Math.max(first * WINDOW_SAMPLES - kept, 0),
    trailing: Math.max(samples.length - end * WINDOW_SAMPLES - kept, 0),
  };
}

/** Noise as it lies between the words of these signals; at least that of a good sound card. */
export function roomTone(length: number, neighbours: readonly Float32Array[], random: Random): Float32Array {
  const levels = neighbours.map((signal) => Math.min(noiseFloor(signal), MOST_BELOW_SPEECH * speechLevel(signal)));
  const level = Math.max(LEAST_LEVEL, levels.reduce((sum, one) => sum + one, 0) / Math.max(levels.length, 1));
  const peak = Math.sqrt(3) * level; // of uniform noise
  return whiteNoise(length, random).map((white) => peak * white);
}

/** A share of the quiet at either end is cut off. */
export function trimmed(samples: Float32Array, shares: Range): Float32Array {
  if (shares[0] + shares[1] === 0) return samples;
  const { leading, trailing } = quietEdges(samples);
  return samples.subarray(Math.floor(shares[0] * leading), samples.length - Math.floor(shares[1] * trailing));
}

/** Room tone before and behind. */
export function padded(samples: Float32Array, milliseconds: Range, random: Random): Float32Array {
  const [before, behind] = milliseconds.map(toSamples) as [number, number];
  return joined([roomTone(before, [samples], random), samples, roomTone(behind, [samples], random)]);
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
