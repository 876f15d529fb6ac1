import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { augment } from '../../../bench/training/augment-audio.ts';
import { type AugmentationRecipe, augmentationSchema, DEFAULT_RECIPE } from '../../../bench/training/augmentation-recipe.ts';
import { peakOf, speechLevel, toDecibels } from '../../../bench/training/loudness.ts';
import { drawTiming, timedLength } from '../../../bench/training/timing.ts';
import { sine } from '../../asr/audio/signals.ts';
import { amplitudeAt, speechLike } from './speech-like.ts';

const SPEECH = speechLike({ seconds: 1.2, quietSeconds: 0.2 });
const OTHERS = () => [speechLike({ seconds: 0.7, seed: 9 })];

/** Every change with one probability. */
function withProbability(probability: number): AugmentationRecipe {
  const changed = Object.entries(DEFAULT_RECIPE).map(([name, change]) => [name, { ...change, probability }]);
  return augmentationSchema.parse(Object.fromEntries(changed));
}

const NEVER = withProbability(0);
const ALWAYS = withProbability(1);

describe('augmentation', () => {
  it('leaves an utterance as it is where nothing happens, and gives a fresh array', () => {
    const result = augment(SPEECH, NEVER, seededRandom(1));
    expect(result).toEqual(SPEECH);
    expect(result).not.toBe(SPEECH);
  });

  it('depends on its seed alone, and seeds differ', () => {
    const make = (seed: number) => augment(SPEECH, ALWAYS, seededRandom(seed), { others: OTHERS });
    expect(make(5)).toEqual(make(5));
    expect(make(5)).not.toEqual(make(6));
  });

  it('gives finite samples in [-1, 1], within the bounds, no longer than the plan says, and changes no input', () => {
    const lengths = fc.integer({ min: 1, max: SPEECH.length });
    fc.assert(
      fc.property(lengths, fc.integer(), fc.constantFrom(DEFAULT_RECIPE, ALWAYS), (length, seed, recipe) => {
        const samples = SPEECH.slice(0, length);
        const bounds = { least: Math.ceil(0.95 * length), most: length + 3_000 };
        const result = augment(samples, recipe, seededRandom(seed), { others: OTHERS, bounds });
        expect(samples).toEqual(SPEECH.subarray(0, length));
        expect(result.every(Number.isFinite)).toBe(true);
        expect(peakOf(result)).toBeLessThanOrEqual(1);
        expect(result.length).toBeGreaterThanOrEqual(bounds.least);
        expect(result.length).toBeLessThanOrEqual(bounds.most);
        const planned = timedLength(length, drawTiming(recipe, seededRandom(seed)), bounds);
        expect(result.length).toBeLessThanOrEqual(planned);
      }),
      { numRuns: 40 },
    );
  });

  it('is as long as the plan says where nothing is trimmed', () => {
    const recipe = { ...ALWAYS, trim: { probability: 0 } };
    for (let seed = 0; seed < 20; seed += 1) {
      const bounds = { least: 1, most: 1e6 };
      const planned = timedLength(SPEECH.length, drawTiming(recipe, seededRandom(seed)), bounds);
      expect(augment(SPEECH, recipe, seededRandom(seed), { bounds })).toHaveLength(planned);
    }
  });

  it('changes pitch with speed', () => {
    const tone = sine(1_000, { rate: 16_000, length: 16_000 });
    const faster = augment(tone, { ...NEVER, speed: { probability: 1, factor: [1.1, 1.1] } }, seededRandom(1));
    expect(faster).toHaveLength(Math.ceil(16_000 / 1.1));
    expect(amplitudeAt(1_100, faster)).toBeCloseTo(0.5, 2);
    expect(amplitudeAt(1_000, faster)).toBeLessThan(0.01);
  });

  it('is louder or quieter by what is drawn', () => {
    const quieter = augment(SPEECH, { ...NEVER, gain: { probability: 1, decibels: [-20, -20] } }, seededRandom(1));
    expect(toDecibels(speechLevel(SPEECH) / speechLevel(quieter))).toBeCloseTo(20, 3);
  });

  it('asks for other voices only where they are heard', () => {
    const asked = (kinds: AugmentationRecipe['noise']['kinds']) => {
      let count = 0;
      const others = () => {
        count += 1;
        return OTHERS();
      };
      augment(SPEECH, { ...NEVER, noise: { probability: 1, snrDb: [10, 10], kinds } }, seededRandom(1), { others });
      return count;
    };
    expect(asked(['white', 'hum'])).toBe(0);
    expect(asked(['babble'])).toBe(1);
  });
});

describe('the recipe', () => {
  it('comes back from JSON', () => {
    expect(augmentationSchema.parse(JSON.parse(JSON.stringify(DEFAULT_RECIPE)))).toEqual(DEFAULT_RECIPE);
  });

  it('is refused where a range is turned around, a probability is none, or a change is unknown', () => {
    const wrong = [
      { ...DEFAULT_RECIPE, speed: { probability: 0.5, factor: [1.1, 0.9] } },
      { ...DEFAULT_RECIPE, gain: { probability: 2, decibels: [-20, 6] } },
      { ...DEFAULT_RECIPE, noise: { probability: 1, snrDb: [5, 30], kinds: [] } },
      { ...DEFAULT_RECIPE, masks: { ...DEFAULT_RECIPE.masks, melMasks: [1, 1.5] } },
      { ...DEFAULT_RECIPE, echo: { probability: 1 } },
    ];
    for (const recipe of wrong) expect(augmentationSchema.safeParse(recipe).success).toBe(false);
  });
});
