import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logMel } from '../../../asr/features/log-mel.ts';
import type { MelFrames } from '../../../asr/features/mel-frames.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { DEFAULT_RECIPE } from '../../../bench/training/augmentation-recipe.ts';
import { augmentFeatures } from '../../../bench/training/spec-augment.ts';
import { warpMels } from '../../../bench/training/warp-mels.ts';
import { sine } from '../../asr/audio/signals.ts';

const { warp, masks } = DEFAULT_RECIPE;
const [MELS, FRAMES, REAL] = [80, 240, 200];

/** Every value its own, and padding behind. */
function spectrogram(): MelFrames {
  const values = Float32Array.from({ length: MELS * FRAMES }, (_, index) => (index % FRAMES < REAL ? 1 + index / 1e5 : 0));
  return { values, mels: MELS, frames: FRAMES };
}

describe('masks', () => {
  it('blank at most two bands of 5 % of the time and two of 12 mels, with the mean, and never the padding', () => {
    const before = spectrogram();
    let sum = 0;
    for (const value of before.values) sum += value;
    const mean = Math.fround(sum / (MELS * REAL));
    const recipe = { warp: { ...warp, probability: 0 }, masks: { ...masks, probability: 1 } };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const after = augmentFeatures(before, REAL, recipe, seededRandom(seed));
        const blankAt = (mel: number, frame: number) =>
          after.values[mel * FRAMES + frame] !== before.values[mel * FRAMES + frame];
        let [frames, mels] = [0, 0];
        for (let frame = 0; frame < FRAMES; frame += 1) {
          if (Array.from({ length: MELS }, (_, mel) => blankAt(mel, frame)).every(Boolean)) frames += 1;
        }
        for (let mel = 0; mel < MELS; mel += 1) {
          if (Array.from({ length: REAL }, (_, frame) => blankAt(mel, frame)).every(Boolean)) mels += 1;
          for (let frame = 0; frame < FRAMES; frame += 1) {
            if (blankAt(mel, frame)) expect(after.values[mel * FRAMES + frame]).toBeCloseTo(mean, 4);
            if (frame >= REAL) expect(after.values[mel * FRAMES + frame]).toBe(0);
          }
        }
        expect(frames).toBeLessThanOrEqual(2 * 0.05 * REAL);
        expect(mels).toBeLessThanOrEqual(2 * 12);
      }),
      { numRuns: 10 },
    );
    expect(before).toEqual(spectrogram());
  });

  it('are none where nothing happens', () => {
    const recipe = { warp: { ...warp, probability: 0 }, masks: { ...masks, probability: 0 } };
    const before = spectrogram();
    const after = augmentFeatures(before, REAL, recipe, seededRandom(1));
    expect(after).toEqual(before);
    expect(after.values).not.toBe(before.values);
  });

  it('fit an utterance of a single frame', () => {
    const mel = { values: new Float32Array(2 * MELS).fill(1), mels: MELS, frames: 2 };
    const always = { warp: { ...warp, probability: 1 }, masks: { ...masks, probability: 1, mostTimeShare: 1 } };
    for (const real of [0, 1, 2]) {
      expect(augmentFeatures(mel, real, always, seededRandom(1)).values.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('warping', () => {
  const featuresOf = (hz: number) => logMel(sine(hz, { rate: 16_000, length: 3_200 }), { mels: MELS, frames: 20 });
  const loudestMel = ({ values, mels, frames }: MelFrames) => {
    let loudest = 0;
    for (let mel = 0; mel < mels; mel += 1) {
      if ((values[mel * frames + 8] as number) > (values[loudest * frames + 8] as number)) loudest = mel;
    }
    return loudest;
  };

  it('by 1 changes nothing', () => {
    const { values } = featuresOf(1_000);
    warpMels(featuresOf(1_000), 1).values.forEach((value, index) => {
      expect(value).toBeCloseTo(values[index] as number, 5);
    });
  });

  it('moves what was at f to factor · f', () => {
    for (const factor of [0.88, 1.12]) {
      for (const hz of [500, 1_000, 3_000]) {
        const moved = loudestMel(warpMels(featuresOf(hz), factor));
        expect(Math.abs(moved - loudestMel(featuresOf(factor * hz))), `${hz} Hz by ${factor}`).toBeLessThanOrEqual(1);
      }
    }
  });

  it('keeps the ends of the axis, padding, and what is equal everywhere', () => {
    const mel = spectrogram();
    for (const factor of [0.88, 1.12]) {
      const warped = warpMels(mel, factor);
      for (let band = 0; band < MELS; band += 1) {
        expect(warped.values.subarray(band * FRAMES + REAL, (band + 1) * FRAMES).every((value) => value === 0)).toBe(true);
      }
      const flat = { ...mel, values: new Float32Array(MELS * FRAMES).fill(0.5) };
      expect(warpMels(flat, factor)).toEqual(flat);
      const top = (MELS - 1) * FRAMES;
      expect(Math.abs((warped.values[top] as number) - (mel.values[top] as number))).toBeLessThan(0.002);
    }
  });
});
