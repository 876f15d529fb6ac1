/**
 * Decay of the average at an update: it begins low, so that the first parameters are soon forgotten, and
 * rises to its limit (as TensorFlow's ExponentialMovingAverage with `num_updates`).
 * @param update how many updates there were, this one included
 */
export function averageDecayAt(update: number, limit: number): number {
  return Math.min(limit, (1 + update) / (10 + update));
}

/** average ← decay · average + (1 − decay) · values, in place. */
export function updateAverage(average: Float32Array, values: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i += 1) {
    average[i] = decay * (average[i] as number) + (1 - decay) * (values[i] as number);
  }
}
