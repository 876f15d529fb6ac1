import { z } from 'zod';
import { NOISE_KINDS } from './noise.ts';

const probability = z.number().min(0).max(1);
const noiseKind = z.enum(NOISE_KINDS);

/** Both ends included. */
function range(least: number, most: number) {
  const end = z.number().min(least).max(most);
  return z
    .tuple([end, end])
    .refine(([from, to]) => from <= to, 'expected the lower end first')
    .readonly();
}

function wholeRange(least: number, most: number) {
  return range(least, most).refine((ends) => ends.every(Number.isInteger), 'expected whole numbers');
}

/**
 * How a recording is changed before a model learns from it: each change with its probability, and how strong it may be.
 * It is part of a training run's recipe, so that an adapter says what it was trained on.
 */
export const augmentationSchema = z
  .strictObject({
    /** a share of the quiet at the ends is cut off: at most all of it, but for 50 ms */
    trim: z.strictObject({ probability }).readonly(),
    /** pitch and formants change with it: another speaker, too */
    speed: z.strictObject({ probability, factor: range(0.5, 2) }).readonly(),
    /** quiet before and behind, each drawn for itself */
    pad: z.strictObject({ probability, milliseconds: range(0, 5_000) }).readonly(),
    /** a microphone's response: a bell and a shelf, each raised or lowered by so much at most */
    equaliser: z.strictObject({ probability, decibels: z.number().min(0).max(24) }).readonly(),
    room: z.strictObject({ probability, rt60Seconds: range(0.05, 2), directDb: range(-10, 40) }).readonly(),
    noise: z.strictObject({ probability, snrDb: range(-10, 60), kinds: z.tuple([noiseKind], noiseKind).readonly() }).readonly(),
    lowPass: z.strictObject({ probability, hz: range(1_000, 7_900) }).readonly(),
    gain: z.strictObject({ probability, decibels: range(-60, 40) }).readonly(),
    /** 300 to 3,400 Hz at 8 kHz, with µ-law or A-law */
    telephone: z.strictObject({ probability }).readonly(),
    /** another vocal tract: the mel axis is warped */
    warp: z.strictObject({ probability, factor: range(0.7, 1.4) }).readonly(),
    /** SpecAugment: so many bands of frames and of mels are blanked, each at most so wide */
    masks: z
      .strictObject({
        probability,
        timeMasks: wholeRange(0, 10),
        mostTimeShare: z.number().min(0).max(1),
        melMasks: wholeRange(0, 10),
        mostMels: z.int().min(0).max(128),
      })
      .readonly(),
  })
  .readonly();

export type AugmentationRecipe = z.output<typeof augmentationSchema>;

export const DEFAULT_RECIPE: AugmentationRecipe = {
  trim: { probability: 0.3 },
  speed: { probability: 0.6, factor: [0.85, 1.15] },
  pad: { probability: 0.4, milliseconds: [0, 400] },
  equaliser: { probability: 0.4, decibels: 6 },
  room: { probability: 0.25, rt60Seconds: [0.1, 0.6], directDb: [0, 15] },
  noise: { probability: 0.4, snrDb: [5, 30], kinds: [...NOISE_KINDS] },
  lowPass: { probability: 0.1, hz: [3_000, 7_000] },
  gain: { probability: 0.8, decibels: [-20, 6] },
  telephone: { probability: 0.12 },
  warp: { probability: 0.4, factor: [0.88, 1.12] },
  masks: { probability: 0.6, timeMasks: [1, 2], mostTimeShare: 0.05, melMasks: [1, 2], mostMels: 12 },
};
