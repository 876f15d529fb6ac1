import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { speechLevel, toAmplitude } from './loudness.ts';
import { pick, type Random, whole } from './random-choices.ts';

export const NOISE_KINDS = ['white', 'pink', 'brown', 'hum', 'babble'] as const;
export type NoiseKind = (typeof NOISE_KINDS)[number];

export interface NoiseOptions {
  readonly kind: NoiseKind;
  /** how much louder the speech is than the noise */
  readonly snrDb: number;
  /** who speaks in babble; without anybody it is pink noise */
  readonly others: readonly Float32Array[];
}

/** So many speak at once in babble: words can no longer be made out, but it is speech. */
const BABBLE_VOICES = 5;
const HUM_HARMONICS = 6;

/** A signal in noise, level with its speech: pauses do not count as quiet speech. */
export function withNoise(samples: Float32Array, { kind, snrDb, others }: NoiseOptions, random: Random): Float32Array {
  const noise = noiseOf(kind, samples.length, others, random);
  const level = speechLevel(noise);
  const gain = level === 0 ? 0 : (speechLevel(samples) * toAmplitude(-snrDb)) / level;
  return samples.map((sample, index) => sample + gain * (noise[index] as number));
}

/** Noise of no particular level. */
function noiseOf(kind: NoiseKind, length: number, others: readonly Float32Array[], random: Random): Float32Array {
  switch (kind) {
    case 'white':
      return whiteNoise(length, random);
    case 'pink':
      return pinkNoise(length, random);
    case 'brown':
      return brownNoise(length, random);
    case 'hum':
      return hum(length, random);
    case 'babble':
      return babble(length, others, random) ?? pinkNoise(length, random);
  }
}

/** Uniform in [−1, 1]: as loud at each frequency. */
export function whiteNoise(length: number, random: Random): Float32Array {
  const result = new Float32Array(length);
  for (let index = 0; index < length; index += 1) result[index] = 2 * random() - 1;
  return result;
}

/** Falls by 3 dB an octave: Paul Kellet's three poles, within 0.5 dB above 10 Hz. */
export function pinkNoise(length: number, random: Random): Float32Array {
  let [slow, middle, fast] = [0, 0, 0];
  return whiteNoise(length, random).map((white) => {
    slow = 0.99765 * slow + 0.099046 * white;
    middle = 0.963 * middle + 0.2965164 * white;
    fast = 0.57 * fast + 1.0526913 * white;
    return slow + middle + fast + 0.1848 * white;
  });
}

/** Falls by 6 dB an octave: white noise summed up, with a leak below 50 Hz that keeps it near 0. */
function brownNoise(length: number, random: Random): Float32Array {
  const leak = Math.exp((-2 * Math.PI * 50) / SAMPLE_RATE_HZ);
  let sum = 0;
  return whiteNoise(length, random).map((white) => {
    sum = leak * sum + white;
    return sum;
  });
}

/** The mains at 50 or 60 Hz and its harmonics, each of a loudness and phase of its own. */
function hum(length: number, random: Random): Float32Array {
  const result = new Float32Array(length);
  const mains = pick(random, [50, 60]);
  for (let harmonic = 1; harmonic <= HUM_HARMONICS; harmonic += 1) {
    const step = (2 * Math.PI * mains * harmonic) / SAMPLE_RATE_HZ;
    const amplitude = random() / harmonic;
    const phase = 2 * Math.PI * random();
    for (let index = 0; index < length; index += 1) {
      result[index] = (result[index] as number) + amplitude * Math.sin(phase + step * index);
    }
  }
  return result;
}

/** Others who speak at once, equally loud, each from some place on and over again; null where nobody does. */
function babble(length: number, others: readonly Float32Array[], random: Random): Float32Array | null {
  const audible = others.map((voice) => ({ voice, level: speechLevel(voice) })).filter(({ level }) => level > 0);
  if (audible.length === 0) return null;
  const result = new Float32Array(length);
  for (let count = 0; count < BABBLE_VOICES; count += 1) {
    const { voice, level } = audible[whole(random, [0, audible.length - 1])] as (typeof audible)[number];
    let place = whole(random, [0, voice.length - 1]);
    for (let index = 0; index < length; index += 1) {
      result[index] = (result[index] as number) + (voice[place] as number) / level;
      place += 1;
      if (place === voice.length) place = 0;
    }
  }
  return result;
}
