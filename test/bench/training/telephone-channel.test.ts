import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { companded } from '../../../bench/training/companding.ts';
import { toDecibels } from '../../../bench/training/loudness.ts';
import { overTelephone } from '../../../bench/training/telephone-channel.ts';
import { largestDifference, rms, sine } from '../../asr/audio/signals.ts';

const RAMP = Float32Array.from({ length: 65_536 }, (_, index) => (index - 32_768) / 32_768);

/** What another implementation of G.711 makes of 16-bit samples. */
function reference(samples: Float32Array, law: 'mulaw' | 'alaw'): Float32Array {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(
    1,
    8_000,
    '16',
    Array.from(samples, (sample) => sample * 32_768),
  );
  if (law === 'mulaw') {
    wav.toMuLaw();
    wav.fromMuLaw();
  } else {
    wav.toALaw();
    wav.fromALaw();
  }
  return Float32Array.from(wav.getSamples(false, Int16Array) as unknown as Int16Array, (sample) => sample / 32_768);
}

describe('companding', () => {
  it.each(['mulaw', 'alaw'] as const)('by %s is as exact as another implementation, or more', (law) => {
    const [ours, theirs] = [companded(RAMP, law), reference(RAMP, law)];
    const error = (coded: Float32Array) => rms(coded.map((value, index) => value - (RAMP[index] as number)));
    expect(error(ours)).toBeLessThanOrEqual(error(theirs));
    expect(new Set(ours).size).toBeGreaterThanOrEqual(255); // µ-law has two codes for 0
    // half a step, where the two round to different sides
    expect(largestDifference(ours, theirs)).toBeLessThanOrEqual(1_024 / 32_768);
  });

  it('keeps what has a code, and the sign', () => {
    for (const law of ['mulaw', 'alaw'] as const) {
      const once = companded(RAMP, law);
      expect(companded(once, law)).toEqual(once);
      expect(companded(Float32Array.of(-2, 2), law).map(Math.sign)).toEqual(Float32Array.of(-1, 1));
    }
  });
});

describe('a telephone', () => {
  const gainDb = (hz: number) => {
    const tone = sine(hz, { rate: 16_000, length: 16_000 });
    return toDecibels(rms(overTelephone(tone, 'mulaw').subarray(4_000, 12_000)) / rms(tone));
  };

  it('passes 400 to 3,000 Hz, and neither what is below nor what is above, folded over', () => {
    for (const hz of [400, 1_000, 3_000]) expect(Math.abs(gainDb(hz)), `${hz} Hz`).toBeLessThan(1);
    for (const hz of [50, 4_700, 6_000]) expect(gainDb(hz), `${hz} Hz`).toBeLessThan(-25);
  });

  it('keeps length and time', () => {
    const tone = sine(1_000, { rate: 16_000, length: 1_601 });
    for (const length of [1, 2, 777, 1_601]) expect(overTelephone(tone.subarray(0, length), 'alaw')).toHaveLength(length);
    const click = new Float32Array(800);
    click[400] = 0.9;
    const heard = overTelephone(click, 'alaw');
    const loudest = heard.reduce((at, sample, index) => (Math.abs(sample) > Math.abs(heard[at] as number) ? index : at), 0);
    expect(Math.abs(loudest - 400)).toBeLessThan(16); // 1 ms
  });
});
