import { WINDOW_SAMPLES } from './voice-detector.ts';

export interface CutSamples {
  /** the caller's own [count, 512] */
  readonly windows: Float32Array<ArrayBuffer>;
  /** too few for a window: what the next samples follow */
  readonly rest: Float32Array;
}

/** Cuts a signal that comes in pieces of any size into whole windows. `rest` is what the piece before left. */
export function cutWindows(rest: Float32Array, samples: Float32Array): CutSamples {
  const total = rest.length + samples.length;
  const cut = total - (total % WINDOW_SAMPLES);
  if (cut === 0) return { windows: new Float32Array(0), rest: Float32Array.of(...rest, ...samples) };
  const windows = new Float32Array(cut);
  windows.set(rest);
  windows.set(samples.subarray(0, cut - rest.length), rest.length);
  // a copy: the caller may use its array again
  return { windows, rest: samples.slice(cut - rest.length) };
}
