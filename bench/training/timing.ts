import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { padded, toSamples, trimmed } from './edges.ts';
import { quickResample } from './quick-resample.ts';
import { type Random, type Range, uniform } from './random-choices.ts';

/** What changes an utterance's length. It is drawn before all else, so that a plan can tell the length from the seed. */
export interface Timing {
  /** 1: as it was; 1.1: shorter, higher */
  readonly speed: number;
  /** of the quiet before and behind, which is cut off */
  readonly trimShares: Range;
  readonly padMs: Range;
}

/** In samples. */
export interface LengthBounds {
  readonly least: number;
  readonly most: number;
}

export const ANY_LENGTH: LengthBounds = { least: 1, most: Number.POSITIVE_INFINITY };

/** Speeds are multiples of 1/40: of few ratios, few filters are made. */
const SPEED_STEPS = 40;

/** Takes the same number of draws whatever it decides. */
export function drawTiming({ trim, speed, pad }: AugmentationRecipe, random: Random): Timing {
  const pair = (probability: number, range: Range): Range => {
    const happens = random() < probability;
    const drawn: Range = [uniform(random, range), uniform(random, range)];
    return happens ? drawn : [0, 0];
  };
  const trimShares = pair(trim.probability, [0, 1]);
  const padMs = pair(pad.probability, pad.milliseconds);
  const changes = random() < speed.probability;
  const factor = Math.round(uniform(random, speed.factor) * SPEED_STEPS) / SPEED_STEPS;
  return { trimShares, padMs, speed: changes ? factor : 1 };
}

/** The timing as far as the bounds allow it: else the speed stays, and less is added. */
export function boundedTiming(sampleCount: number, timing: Timing, { least, most }: LengthBounds): Timing {
  const changed = lengthAt(sampleCount, timing.speed);
  const speed = changed < least || changed > most ? 1 : timing.speed;
  const room = Math.max(most - lengthAt(sampleCount, speed), 0);
  const [before, behind] = timing.padMs.map(toSamples) as [number, number];
  const fits = before + behind <= room;
  return { ...timing, speed, padMs: fits ? timing.padMs : [0, 0] };
}

/** How long an utterance of so many samples becomes, trimming aside, which makes it shorter. */
export function timedLength(sampleCount: number, timing: Timing, bounds: LengthBounds): number {
  const { speed, padMs } = boundedTiming(sampleCount, timing, bounds);
  return lengthAt(sampleCount, speed) + toSamples(padMs[0]) + toSamples(padMs[1]);
}

/** Trims, changes the speed, and pads. */
export function retimed(samples: Float32Array, drawn: Timing, bounds: LengthBounds, random: Random): Float32Array {
  const { speed, trimShares, padMs } = boundedTiming(samples.length, drawn, bounds);
  const short = trimmed(samples, trimShares);
  const kept = lengthAt(short.length, speed) < bounds.least ? samples : short;
  const changed = speed === 1 ? kept : quickResample(kept, SPEED_STEPS, Math.round(SPEED_STEPS * speed));
  return padMs[0] + padMs[1] === 0 ? changed : padded(changed, padMs, random);
}

function lengthAt(sampleCount: number, speed: number): number {
  return Math.ceil((sampleCount * SPEED_STEPS) / Math.round(SPEED_STEPS * speed));
}
