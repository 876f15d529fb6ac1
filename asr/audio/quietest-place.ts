import { SAMPLE_RATE_HZ } from './pcm.ts';

/** A window of 100 ms is moved in steps of 10 ms. */
const STEP = SAMPLE_RATE_HZ / 100;
const WINDOW_STEPS = 10;

/**
 * Where to cut a signal at 16 kHz with the least harm: the middle of its quietest 100 ms; of equals, the last.
 * @returns samples from the start of the signal; its middle, if it is shorter than 100 ms
 */
export function quietestPlace(signal: Float32Array): number {
  const steps = Math.floor(signal.length / STEP);
  if (steps < WINDOW_STEPS) return Math.floor(signal.length / 2);
  const energies = Float64Array.from({ length: steps }, (_, step) => energyOf(signal, step * STEP));
  let quietest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step + WINDOW_STEPS <= steps; step += 1) {
    let energy = 0;
    for (let offset = 0; offset < WINDOW_STEPS; offset += 1) energy += energies[step + offset] as number;
    if (energy > least) continue;
    least = energy;
    quietest = step;
  }
  return (quietest + WINDOW_STEPS / 2) * STEP;
}

function energyOf(signal: Float32Array, from: number): number {
  let energy = 0;
  for (let index = from; index < from + STEP; index += 1) energy += (signal[index] as number) ** 2;
  return energy;
}
