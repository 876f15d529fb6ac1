import { describe, expect, it } from 'vitest';
import { generatedFeatures } from '../../../asr/features/generated-features.ts';
import { uniform } from '../../../kernels/uniform.ts';

const SHAPE = { mels: 80, frames: 400 };

describe('generatedFeatures', () => {
  it('are those of a seed', () => {
    expect(generatedFeatures(uniform(3), SHAPE)).toEqual(generatedFeatures(uniform(3), SHAPE));
    expect(generatedFeatures(uniform(3), SHAPE)).not.toEqual(generatedFeatures(uniform(4), SHAPE));
  });

  it('have the range of Whisper’s, which ends 2 below its top, and end in quiet', () => {
    const { values, mels, frames } = generatedFeatures(uniform(3), SHAPE);
    expect({ mels, frames, count: values.length }).toEqual({ ...SHAPE, count: 80 * 400 });
    expect(Math.max(...values) - Math.min(...values)).toBeLessThan(2.001);
    const rows = Array.from({ length: mels }, (_, band) => values.subarray(band * frames, (band + 1) * frames));
    expect(rows.every((row) => row.subarray(-64).every((value) => value === row.at(-1)))).toBe(true);
  });

  it('are louder in low bands, and differ from frame to frame, as speech is', () => {
    const { values, frames } = generatedFeatures(uniform(3), SHAPE);
    const mean = (from: number, to: number) =>
      values.subarray(from * frames, to * frames).reduce((sum, value) => sum + value, 0) / (to - from) / frames;
    expect(mean(0, 20)).toBeGreaterThan(mean(60, 80) + 0.1);
    const first = values.subarray(0, frames - 64);
    expect(new Set(first).size).toBeGreaterThan(100);
  });
});
