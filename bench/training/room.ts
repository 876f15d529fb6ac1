import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { filtered, lowPass } from './biquad.ts';
import { speechLevel, toAmplitude } from './loudness.ts';
import type { Random } from './random-choices.ts';

export interface Room {
  /** how long a sound takes to fall by 60 dB */
  readonly rt60Seconds: number;
  /** how much louder the speech is than its reverberation */
  readonly directDb: number;
}

interface Echo {
  /** samples */
  readonly delay: number;
  readonly gain: number;
}

/** The cost of a room: one addition for each of these and sample. Both divide by four. */
const NEAR_ECHOES = 32;
const FAR_ECHOES = 12;
/** The near ones come within this share of the time. */
const NEAR_SHARE = 1 / 8;
/** Echoes are followed until they have fallen so far; what comes later is drowned by them. */
const FOLLOWED_DB = 40;
/** Walls and air swallow what is above. */
const DAMPING_HZ = 4_000;

/**
 * A signal in a room, as long as it was. The direct sound stays where it is.
 *
 * Semantics: y = x + g · lowpass(Σ_far Σ_near gain_far · gain_near · x[n − delay_far − delay_near]). The impulse response
 * is velvet noise, echoes of either sign at random times under an exponential decay: as dense as a real one to the ear,
 * and cheap without a transform, the more so as each near echo returns with each far one.
 */
export function inRoom(samples: Float32Array, { rt60Seconds, directDb }: Room, random: Random): Float32Array {
  const span = (rt60Seconds * SAMPLE_RATE_HZ * FOLLOWED_DB) / 60;
  const near = velvetEchoes(NEAR_ECHOES, { span: NEAR_SHARE * span, rt60Seconds }, random);
  const far = velvetEchoes(FAR_ECHOES, { span, rt60Seconds }, random);
  const damped = filtered(echoing(echoing(samples, near), far), lowPass(DAMPING_HZ, 2));
  const level = speechLevel(damped);
  const gain = level === 0 ? 0 : (speechLevel(samples) * toAmplitude(-directDb)) / level;
  return samples.map((sample, index) => sample + gain * (damped[index] as number));
}

/** Σ_e gain_e · x[n − delay_e] */
function echoing(samples: Float32Array, echoes: readonly Echo[]): Float32Array {
  const before = Math.max(...echoes.map(({ delay }) => delay));
  const input = new Float32Array(before + samples.length);
  input.set(samples, before);
  const sums = new Float64Array(samples.length);
  // four at a time: a sum is then loaded and stored for each fourth echo
  for (let echo = 0; echo < echoes.length; echo += 4) {
    const [p, q, r, s] = echoes.slice(echo, echo + 4) as [Echo, Echo, Echo, Echo];
    let [atP, atQ, atR, atS] = [before - p.delay, before - q.delay, before - r.delay, before - s.delay];
    for (let index = 0; index < sums.length; index += 1) {
      sums[index] =
        (sums[index] as number) +
        p.gain * (input[atP] as number) +
        q.gain * (input[atQ] as number) +
        (r.gain * (input[atR] as number) + s.gain * (input[atS] as number));
      atP += 1;
      atQ += 1;
      atR += 1;
      atS += 1;
    }
  }
  return Float32Array.from(sums);
}

/** One echo in each of `count` equal parts of a span in samples, anywhere in it. */
function velvetEchoes(
  count: number,
  { span, rt60Seconds }: { readonly span: number; readonly rt60Seconds: number },
  random: Random,
): readonly Echo[] {
  return Array.from({ length: count }, (_, echo) => {
    const delay = 1 + Math.floor(((echo + random()) * span) / count);
    const decay = toAmplitude((-60 * delay) / (rt60Seconds * SAMPLE_RATE_HZ));
    return { delay, gain: random() < 0.5 ? -decay : decay };
  });
}
