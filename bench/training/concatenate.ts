import { joined, roomTone, toSamples } from './edges.ts';
import { scaled, speechLevel, toAmplitude, toDecibels } from './loudness.ts';
import { type Random, type Range, uniform } from './random-choices.ts';

/** Audio at 16 kHz, and what is said in it. */
export interface SpokenText {
  readonly samples: Float32Array;
  readonly text: string;
}

/** Speakers are brought to one level, at most by so much, and differ by as much again as people do. */
const MOST_LEVELLING_DB = 12;
const LEVEL_SPREAD_DB = 3;

/** Milliseconds between the parts. These are the first draws of `concatenate`: a plan can tell the length from the seed. */
export function drawGaps(parts: number, gapMs: Range, random: Random): readonly number[] {
  return Array.from({ length: Math.max(parts - 1, 0) }, () => uniform(random, gapMs));
}

/** How many samples parts of so many have together, with their gaps. */
export function concatenatedLength(sampleCounts: readonly number[], gapsMs: readonly number[]): number {
  return [...sampleCounts, ...gapsMs.map(toSamples)].reduce((sum, count) => sum + count, 0);
}

/**
 * Several utterances as one, at about one level, with gaps of what is heard between their words.
 * Their texts are joined by spaces as they are: each is a sentence, or stands like one.
 */
export function concatenate(parts: readonly SpokenText[], gapMs: Range, random: Random): SpokenText {
  const gaps = drawGaps(parts.length, gapMs, random);
  const level = meanLevelDb(parts);
  const voices = parts.map(({ samples }) => atLevel(samples, level + uniform(random, [-1, 1]) * LEVEL_SPREAD_DB));
  const pieces = voices.flatMap((voice, index) => {
    const gap = gaps[index];
    const next = voices[index + 1];
    return gap === undefined || next === undefined ? [voice] : [voice, roomTone(toSamples(gap), [voice, next], random)];
  });
  return { samples: joined(pieces), text: parts.map(({ text }) => text.trim()).join(' ') };
}

function meanLevelDb(parts: readonly SpokenText[]): number {
  const audible = parts.map(({ samples }) => speechLevel(samples)).filter((level) => level > 0);
  return audible.reduce((sum, level) => sum + toDecibels(level), 0) / Math.max(audible.length, 1);
}

function atLevel(samples: Float32Array, levelDb: number): Float32Array {
  const level = speechLevel(samples);
  if (level === 0) return samples;
  const change = levelDb - toDecibels(level);
  return scaled(samples, toAmplitude(Math.min(Math.max(change, -MOST_LEVELLING_DB), MOST_LEVELLING_DB)));
}
