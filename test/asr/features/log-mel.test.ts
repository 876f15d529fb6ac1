import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogMel, logMel, realFrames } from '../../../asr/features/log-mel.ts';
import type { MelFrames } from '../../../asr/features/mel-frames.ts';

const reference = z
  .array(
    z.object({
      samples: z.int(),
      mels: z.int(),
      analysedFrames: z.int(),
      frames: z.array(z.int()),
      values: z.base64(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/mel/reference.json', import.meta.url), 'utf8')));

describe('logMel', () => {
  it.each(reference)('matches faster-whisper within 1e-4 for $samples samples and $mels mels', (expected) => {
    const { samples, mels, analysedFrames } = expected;
    const mel = createLogMel({ mels })(signal(samples), evenUp(analysedFrames));
    // its extractor gives one frame more than its encoder gets
    expect(realFrames(samples)).toBe(analysedFrames - 1);
    const frames = expected.frames.filter((frame) => frame < realFrames(samples));
    const stored = new Float32Array(new Uint8Array(Buffer.from(expected.values, 'base64')).buffer, 0, frames.length * mels);
    const computed = frames.flatMap((frame) => column(mel, frame));
    expect(computed.length).toBe(stored.length);
    expect(largestDifference(computed, stored)).toBeLessThan(1e-4);
  });

  it('pads with exactly zero behind the real frames', () => {
    const mel = logMel(signal(8_000), { mels: 80, frames: 200 });
    const real = realFrames(8_000); // 50
    expect(column(mel, real - 1).some((value) => value !== 0)).toBe(true);
    for (let frame = real; frame < 200; frame += 1) expect(column(mel, frame).every((value) => value === 0)).toBe(true);
  });

  it('cuts without changing the frames that stay: the loudest value is sought over all real frames', () => {
    const whole = logMel(signal(32_000), { mels: 80, frames: 202 });
    const cut = logMel(signal(32_000), { mels: 80, frames: 40 });
    for (let frame = 0; frame < 40; frame += 1) expect(column(cut, frame)).toEqual(column(whole, frame));
  });

  it('gives silence one even value', () => {
    const mel = logMel(new Float32Array(3_200), { mels: 80, frames: 20 });
    expect(new Set(mel.values)).toEqual(new Set([-1.5])); // (log10(1e-10) + 4) / 4
  });

  it('keeps no trace of an earlier call', () => {
    const instance = createLogMel({ mels: 80 });
    const before = instance(signal(5_000), 32);
    instance(
      signal(9_000).map((sample) => -20 * sample),
      60,
    );
    expect(instance(signal(5_000), 32)).toEqual(before);
  });

  it('refuses samples that are not numbers, and says which', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const samples = signal(1_000);
      samples[700] = bad;
      expect(() => logMel(samples, { mels: 80, frames: 10 })).toThrow(
        expect.objectContaining({ code: 'audio_not_finite', message: expect.stringContaining('Sample 700 of 1000') }),
      );
    }
  });

  it('refuses empty audio, and lengths that encoder positions cannot have', () => {
    expect(() => logMel(new Float32Array(0), { mels: 80, frames: 10 })).toThrow(
      expect.objectContaining({ code: 'audio_empty' }),
    );
    for (const frames of [0, 7, -2, 2.5]) {
      expect(() => logMel(signal(10), { mels: 80, frames })).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
    }
    expect(() => createLogMel({ mels: 0 })).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
  });
});

/** The signal of `make_reference.py`. */
function signal(count: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, (_, index) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    const noise = state / 2147483648 - 1;
    const t = index / 16_000;
    const envelope = 0.5 - 0.5 * Math.cos(2 * Math.PI * 0.7 * t);
    const tone = Math.sin(2 * Math.PI * (120 + 130 * (t % 30)) * t);
    return t >= 0.75 && t < 1 ? 0 : 0.4 * envelope * tone + 0.004 * noise;
  });
}

function column(mel: MelFrames, frame: number): number[] {
  return Array.from({ length: mel.mels }, (_, row) => mel.values[row * mel.frames + frame] ?? Number.NaN);
}

function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  return Array.from(left).reduce((most, value, index) => Math.max(most, Math.abs(value - (right[index] ?? Number.NaN))), 0);
}

function evenUp(frames: number): number {
  return 2 * Math.ceil(frames / 2);
}
