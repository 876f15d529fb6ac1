import { seededRandom } from '../../../bench/benches/draw.ts';

const RATE = 16_000;

export interface SpeechLike {
  readonly seconds: number;
  /** quiet before and behind, part of `seconds` */
  readonly quietSeconds?: number;
  readonly peak?: number;
  readonly seed?: number;
}

/** A voice of 120 Hz and its harmonics in syllables of 200 ms, over faint noise. */
export function speechLike({ seconds, quietSeconds = 0, peak = 0.5, seed = 1 }: SpeechLike): Float32Array {
  const random = seededRandom(seed);
  const length = Math.round(seconds * RATE);
  const quiet = Math.round(quietSeconds * RATE);
  const samples = Float32Array.from({ length }, (_, index) => {
    const t = index / RATE;
    const tone = [1, 2, 3, 5, 8, 13].reduce((sum, n) => sum + Math.sin(2 * Math.PI * 120 * n * t + n) / n, 0);
    const spoken = index >= quiet && index < length - quiet;
    return (spoken ? tone * Math.abs(Math.sin(Math.PI * 5 * t)) : 0) + 2e-3 * (random() - 0.5);
  });
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return samples.map((sample) => (peak * sample) / loudest);
}

/** How much of a signal is at a frequency: the amplitude of that sine in it. */
export function amplitudeAt(hz: number, samples: Float32Array): number {
  let [re, im] = [0, 0];
  for (let index = 0; index < samples.length; index += 1) {
    const angle = (2 * Math.PI * hz * index) / RATE;
    re += (samples[index] as number) * Math.cos(angle);
    im += (samples[index] as number) * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}
