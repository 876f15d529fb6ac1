import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { SPECTRUM_BINS, WINDOW_SAMPLES } from './power-spectrum.ts';

/**
 * Triangular filters, of which only the non-zero run is kept: filter m weighs the bins from
 * `firstBin[m]` with `weights[start[m] … start[m + 1] − 1]`.
 */
export interface MelFilterbank {
  readonly mels: number;
  readonly firstBin: Int32Array;
  readonly start: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Slaney's mel filters from 0 Hz to 8 kHz, each of unit area: librosa's
 * `filters.mel(sr=16000, n_fft=400, n_mels, htk=False, norm='slaney')`, which Whisper ships as data.
 * Weights are rounded to fp32, as Whisper has them.
 */
export function melFilterbank(mels: number): MelFilterbank {
  const top = hzToMel(SAMPLE_RATE_HZ / 2);
  const edgesHz = Float64Array.from({ length: mels + 2 }, (_, index) => melToHz((top * index) / (mels + 1)));
  const firstBin = new Int32Array(mels);
  const start = new Int32Array(mels + 1);
  const weights: number[] = [];
  for (let mel = 0; mel < mels; mel += 1) {
    const [lower = 0, centre = 0, upper = 0] = edgesHz.subarray(mel, mel + 3);
    const area = 2 / (upper - lower);
    for (let bin = 0; bin < SPECTRUM_BINS; bin += 1) {
      const hz = (bin * SAMPLE_RATE_HZ) / WINDOW_SAMPLES;
      const weight = Math.min((hz - lower) / (centre - lower), (upper - hz) / (upper - centre));
      if (weight <= 0) continue;
      if (weights.length === start[mel]) firstBin[mel] = bin;
      weights.push(Math.fround(weight * area));
    }
    start[mel + 1] = weights.length;
  }
  return { mels, firstBin, start, weights: Float64Array.from(weights) };
}

// Slaney's Auditory Toolbox: linear below 1 kHz, then 27 steps for each factor of 6.4.
const LINEAR_HZ_PER_MEL = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

export function hzToMel(hz: number): number {
  return hz < LOG_FROM_HZ ? hz / LINEAR_HZ_PER_MEL : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;
}

export function melToHz(mel: number): number {
  return mel < LOG_FROM_MEL ? mel * LINEAR_HZ_PER_MEL : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
}
