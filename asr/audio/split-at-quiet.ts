import { SAMPLE_RATE_HZ } from './pcm.ts';

/** A stretch of a longer signal. */
export interface SignalPiece {
  /** place of its first sample in the signal */
  readonly startSample: number;
  /** a view of the signal */
  readonly samples: Float32Array;
}

/** Whisper's window. */
const LONGEST_PIECE = 30 * SAMPLE_RATE_HZ;
/** Cuts are looked for from here to the longest. */
const SHORTEST_PIECE = 20 * SAMPLE_RATE_HZ;
/** The last piece is no scrap of a word, which would be recognised badly. */
const SHORTEST_REST = 5 * SAMPLE_RATE_HZ;
/** A window of 100 ms is moved in steps of 10 ms. */
const STEP = SAMPLE_RATE_HZ / 100;
const WINDOW_STEPS = 10;

/**
 * Splits a signal at 16 kHz into pieces of at most 30 s, each cut in the middle of the quietest 100 ms
 * between its 20th and its 30th second. Every sample is in exactly one piece; a signal of at most 30 s
 * is one piece, the same array.
 */
export function splitAtQuiet(signal: Float32Array): readonly SignalPiece[] {
  if (signal.length <= LONGEST_PIECE) return [{ startSample: 0, samples: signal }];
  const pieces: SignalPiece[] = [];
  let start = 0;
  while (signal.length - start > LONGEST_PIECE) {
    const latest = Math.min(start + LONGEST_PIECE, signal.length - SHORTEST_REST);
    const cut = quietestPlace(signal, start + SHORTEST_PIECE, latest);
    pieces.push({ startSample: start, samples: signal.subarray(start, cut) });
    start = cut;
  }
  pieces.push({ startSample: start, samples: signal.subarray(start) });
  return pieces;
}

/** The middle of the quietest window that lies within [from, to]; of equals, the last, for the fewest pieces. */
function quietestPlace(signal: Float32Array, from: number, to: number): number {
  const steps = Math.floor((to - from) / STEP);
  const energies = Float64Array.from({ length: steps }, (_, step) => energyOf(signal, from + step * STEP));
  let quietest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step + WINDOW_STEPS <= steps; step += 1) {
    let energy = 0;
    for (let offset = 0; offset < WINDOW_STEPS; offset += 1) energy += energies[step + offset] as number;
    if (energy > least) continue;
    least = energy;
    quietest = step;
  }
  return from + (quietest + WINDOW_STEPS / 2) * STEP;
}

function energyOf(signal: Float32Array, from: number): number {
  let energy = 0;
  for (let index = from; index < from + STEP; index += 1) energy += (signal[index] as number) ** 2;
  return energy;
}
