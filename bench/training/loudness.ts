import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';

/** Loudness is looked at in frames of 20 ms. */
const FRAME_SAMPLES = SAMPLE_RATE_HZ / 50;
/** Frames that are quieter than the loudest by more than this are no speech. */
const SPEECH_RANGE = toAmplitude(-30);
/** The quietest tenth of the frames is what is heard between the words. */
const FLOOR_SHARE = 0.1;

/** The factor that changes a signal's level by so many decibels. */
export function toAmplitude(decibels: number): number {
  return 10 ** (decibels / 20);
}

export function toDecibels(amplitude: number): number {
  return 20 * Math.log10(amplitude);
}

/** How loud the speech in a signal is, pauses aside: root mean square over its loud frames. 0 of silence. */
export function speechLevel(samples: Float32Array): number {
  const levels = frameLevels(samples);
  const least = levels.reduce((most, level) => Math.max(most, level), 0) * SPEECH_RANGE;
  return rootMeanSquare(levels.filter((level) => level >= least));
}

/** How loud a signal is where it is quietest. 0 where it has no samples. */
export function noiseFloor(samples: Float32Array): number {
  const levels = frameLevels(samples).sort();
  return rootMeanSquare(levels.subarray(0, Math.ceil(FLOOR_SHARE * levels.length)));
}

/** The largest magnitude. */
export function peakOf(samples: Float32Array): number {
  let peak = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const magnitude = Math.abs(samples[index] as number);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

/** The signal times `factor`, or times less where it would leave [−1, 1]: it is turned down, never clipped. */
export function scaled(samples: Float32Array, factor: number): Float32Array {
  const gain = Math.min(factor, 1 / Math.max(peakOf(samples), Number.MIN_VALUE));
  return samples.map((sample) => gain * sample);
}

/** Root mean square of each whole frame; of what there is, where there is less than one. */
function frameLevels(samples: Float32Array): Float64Array {
  const frames = Math.max(Math.floor(samples.length / FRAME_SAMPLES), Math.min(samples.length, 1));
  const levels = new Float64Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    levels[frame] = rootMeanSquare(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES));
  }
  return levels;
}

function rootMeanSquare(values: Float32Array | Float64Array): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += (values[index] as number) ** 2;
  return Math.sqrt(sum / values.length);
}
