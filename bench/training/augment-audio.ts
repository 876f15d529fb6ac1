import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { bell, filtered, highShelf, lowPass } from './biquad.ts';
import { scaled, toAmplitude } from './loudness.ts';
import { withNoise } from './noise.ts';
import { logUniform, pick, type Random, uniform } from './random-choices.ts';
import { inRoom } from './room.ts';
import { overTelephone } from './telephone-channel.ts';
import { ANY_LENGTH, drawTiming, type LengthBounds, retimed } from './timing.ts';

/** Where an equaliser may raise or lower. */
const BELL_HZ = [200, 4_000] as const;
const SHELF_HZ = [1_000, 5_000] as const;
const LOW_PASS_ORDER = 4;

export interface AugmentationSurroundings {
  /** who else speaks, for babble; asked only where they are heard */
  readonly others?: () => readonly Float32Array[];
  /** of the result */
  readonly bounds?: LengthBounds;
}

/**
 * The utterance as it might have been recorded elsewhere: at another speed, in a room, in noise, by another microphone,
 * at another level, over a telephone. Draws from `random` alone which of it happens, and how much.
 * @param samples 16 kHz
 * @returns samples in [−1, 1]; a fresh array
 */
export function augment(
  samples: Float32Array,
  recipe: AugmentationRecipe,
  random: Random,
  { others = () => [], bounds = ANY_LENGTH }: AugmentationSurroundings = {},
): Float32Array {
  const happens = ({ probability }: { readonly probability: number }) => random() < probability;
  let signal = retimed(samples, drawTiming(recipe, random), bounds, random);
  if (happens(recipe.equaliser)) signal = equalised(signal, recipe.equaliser.decibels, random);
  if (happens(recipe.room)) {
    const { rt60Seconds, directDb } = recipe.room;
    signal = inRoom(signal, { rt60Seconds: uniform(random, rt60Seconds), directDb: uniform(random, directDb) }, random);
  }
  if (happens(recipe.noise)) {
    const kind = pick(random, recipe.noise.kinds);
    const snrDb = uniform(random, recipe.noise.snrDb);
    signal = withNoise(signal, { kind, snrDb, others: kind === 'babble' ? others() : [] }, random);
  }
  if (happens(recipe.lowPass)) signal = filtered(signal, lowPass(uniform(random, recipe.lowPass.hz), LOW_PASS_ORDER));
  const gainDb = happens(recipe.gain) ? uniform(random, recipe.gain.decibels) : 0;
  signal = scaled(signal, toAmplitude(gainDb));
  // filters overshoot
  if (happens(recipe.telephone)) signal = scaled(overTelephone(signal, pick(random, ['mulaw', 'alaw'])), 1);
  return signal;
}

/** A bell and a shelf somewhere in the band of speech. */
function equalised(samples: Float32Array, decibels: number, random: Random): Float32Array {
  const shape = (hz: readonly [number, number]) => ({
    hz: logUniform(random, hz),
    decibels: uniform(random, [-decibels, decibels]),
  });
  return filtered(samples, [bell(shape(BELL_HZ)), highShelf(shape(SHELF_HZ))]);
}
