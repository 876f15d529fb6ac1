import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { noiseFloor, speechLevel, toAmplitude } from './loudness.ts';
import { pinkNoise } from './noise.ts';
import { type Random, type Range, uniform } from './random-choices.ts';

/** Quiet is told in windows of 20 ms. */
const WINDOW_SAMPLES = SAMPLE_RATE_HZ / 50;
/** What is no louder than twice the noise is quiet; but for what is near the speech, or far below it. */
const ABOVE_NOISE = 2;
const SURELY_SPEECH = toAmplitude(-25);
const SURELY_QUIET = toAmplitude(-45);
/** Beside the speech: breath and the ends of soft consonants. */
const KEPT_MS = 50;
/** Room tone is as loud as what is heard between the words, or quieter by up to so much, as behind a noise gate. */
const GATED_DB = [-20, 0] as const;
/** No quieter than the last bits of 16. */
const LEAST_TONE = toAmplitude(-85);

export function toSamples(milliseconds: number): number {
  return Math.round((milliseconds * SAMPLE_RATE_HZ) / 1000);
}

/** The quiet that a signal begins and ends with, in samples, less 50 ms beside the speech. 0 and 0 of a signal without speech. */
export function quietEdges(samples: Float32Array): { readonly leading: number; readonly trailing: number } {
  const threshold = quietLevel(samples);
  const windows = Math.floor(samples.length / WINDOW_SAMPLES);
  const loud = Array.from({ length: windows }, (_, window) => {
    return speechLevel(samples.subarray(window * WINDOW_SAMPLES, (window + 1) * WINDOW_SAMPLES)) > threshold;
  });
  // one alone is a crackle
  const speech = loud.map((own, window) => own && (loud[window - 1] === true || loud[window + 1] === true));
  const first = speech.indexOf(true);
  if (first === -1) return { leading: 0, trailing: 0 };
  const end = speech.lastIndexOf(true) + 1;
  const kept = toSamples(KEPT_MS);
  return {
    leading: Math.max(first * WINDOW_SAMPLES - kept, 0),
    trailing: Math.max(samples.length - end * WINDOW_SAMPLES - kept, 0),
  };
}

/** Noise such as lies between the words of these signals. */
export function roomTone(length: number, neighbours: readonly Float32Array[], random: Random): Float32Array {
  // without a pause, its quietest words are no noise
  const floors = neighbours.map((signal) => Math.min(noiseFloor(signal), SURELY_SPEECH * speechLevel(signal)));
  const floor = floors.reduce((sum, one) => sum + one, 0) / Math.max(floors.length, 1);
  const level = Math.max(floor * toAmplitude(uniform(random, GATED_DB)), LEAST_TONE);
  const noise = pinkNoise(length, random);
  const gain = level / Math.max(speechLevel(noise), Number.MIN_VALUE);
  return noise.map((sample) => gain * sample);
}

/** What is louder belongs to the speech. */
function quietLevel(samples: Float32Array): number {
  const speech = speechLevel(samples);
  return Math.min(Math.max(ABOVE_NOISE * noiseFloor(samples), SURELY_QUIET * speech), SURELY_SPEECH * speech);
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
