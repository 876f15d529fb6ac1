import type { MelFrames } from './mel-frames.ts';

/** The loudest of Whisper's scaled log-mel values here, and how far below it they are cut off. */
const LOUDEST = 1.2;
const RANGE = 2;
/** of quiet frames behind the sound */
const QUIET = -0.7;
const TAIL_FRAMES = 64;

/** How far apart the points are between which a pattern is interpolated, and how much it adds. */
interface Pattern {
  readonly frames: number;
  readonly bands: number;
  readonly weight: number;
}

/** Syllables, formants, harmonics that last, and grain. */
const PATTERNS: readonly Pattern[] = [
  { frames: 20, bands: 200, weight: 0.5 },
  { frames: 8, bands: 8, weight: 0.6 },
  { frames: 30, bands: 2, weight: 0.3 },
  { frames: 1, bands: 1, weight: 0.15 },
];

/**
 * Features with about the levels, the slope and the modulation of speech, and a quiet tail: for finding out what size of
 * values a model works with, where there is no recording at hand. Nobody said anything in them.
 * @param random uniform in [0, 1)
 */
export function generatedFeatures(random: () => number, { mels, frames }: { mels: number; frames: number }): MelFrames {
  const patterns = PATTERNS.map((pattern) => interpolated(random, pattern, { mels, frames }));
  const values = new Float32Array(mels * frames);
  for (let band = 0; band < mels; band += 1) {
    for (let frame = 0; frame < frames; frame += 1) {
      const sound = patterns.reduce((sum, at) => sum + at(band, frame), LOUDEST - 0.7 - (0.5 * band) / mels);
      const level = frame < frames - TAIL_FRAMES ? sound : QUIET;
      values[band * frames + frame] = Math.min(LOUDEST, Math.max(LOUDEST - RANGE, level));
    }
  }
  return { values, mels, frames };
}

/** Noise at points of a grid, and bilinear between them. */
function interpolated(
  random: () => number,
  pattern: Pattern,
  { mels, frames }: { mels: number; frames: number },
): (band: number, frame: number) => number {
  const columns = Math.ceil(frames / pattern.frames) + 2;
  const rows = Math.ceil(mels / pattern.bands) + 2;
  const grid = Float32Array.from({ length: rows * columns }, () => pattern.weight * (2 * random() - 1));
  return (band, frame) => {
    const [row, below] = parts(band / pattern.bands);
    const [column, behind] = parts(frame / pattern.frames);
    const at = (r: number, c: number) => grid[(row + r) * columns + column + c] as number;
    return (1 - below) * ((1 - behind) * at(0, 0) + behind * at(0, 1)) + below * ((1 - behind) * at(1, 0) + behind * at(1, 1));
  };
}

function parts(value: number): readonly [whole: number, rest: number] {
  const whole = Math.floor(value);
  return [whole, value - whole];
}
