import { FloraAsrError } from '../../kernels/errors.ts';
import { requireFinite } from '../audio/require-finite.ts';
import { createLog10Column } from './fast-log10.ts';
import { type MelFilterbank, melFilterbank } from './mel-filterbank.ts';
import type { MelFrames } from './mel-frames.ts';
import { createPowerSpectrum, SPECTRUM_BINS, WINDOW_SAMPLES } from './power-spectrum.ts';

/** Samples from one frame to the next: 10 ms at 16 kHz. */
export const HOP_SAMPLES = 160;
/** Zero samples that faster-whisper appends to the audio before its features. */
const TRAILING_ZEROS = 160;
/** Frames are centred on their time: half a window is mirrored at each end. */
const CENTRE = WINDOW_SAMPLES / 2;
const POWER_FLOOR = 1e-10;
/** Below the loudest value of the utterance, in powers of ten (80 dB). */
const DYNAMIC_RANGE = 8;
/** Frames are collected in a small tile before they go into rows, because rows lie far apart. */
const TILE_FRAMES = 16;

/**
 * Computes the features of one utterance.
 * @param samples audio at 16 kHz
 * @param frames length of the result: even, since encoder positions are two frames
 * @returns [mels, frames]; a fresh array that the caller owns
 * @throws FloraAsrError `audio_empty`, `audio_not_finite`, `argument_invalid`
 */
export type LogMel = (samples: Float32Array, frames: number) => MelFrames;

/** Frames that are computed; the loudest value is sought over all of them. */
function analysedFrames(sampleCount: number): number {
  return Math.floor((sampleCount + TRAILING_ZEROS) / HOP_SAMPLES);
}

/** Frames of audio in the result, before it is cut or padded: the last analysed one, over the appended zeros, is dropped. */
export function realFrames(sampleCount: number): number {
  return analysedFrames(sampleCount) - 1;
}

/**
 * Whisper's log-mel features, as faster-whisper computes them and hands them to the encoder.
 *
 * Semantics: 160 zeros are appended; frames of 400 samples every 160, centred by mirroring at both
 * ends, the last one dropped; power spectrum under a periodic Hann window; mel energies;
 * v = log10(max(e, 1e-10)); v = max(v, max over all these frames − 8); (v + 4) / 4. Then the last
 * frame is dropped, and the rest cut to `frames`, or padded with exactly 0.0 (not with the floor, which would change the last position
 * through the encoder's convolutions).
 *
 * The mirror continues periodically when the audio is shorter than the window, as in numpy.
 * The function returned owns scratch buffers; it does not yield, so that calls cannot overlap.
 */
export function createLogMel({ mels }: { readonly mels: number }): LogMel {
  if (!Number.isSafeInteger(mels) || mels < 1) {
    throw new FloraAsrError('argument_invalid', `mels must be a positive whole number, but is ${mels}.`);
  }
  const filters = melFilterbank(mels);
  const powerSpectrum = createPowerSpectrum();
  const power = new Float64Array(SPECTRUM_BINS);
  const energies = createLog10Column(mels);
  const tile = new Float32Array(mels * TILE_FRAMES); // [mels, TILE_FRAMES]
  const edge = new Float32Array(WINDOW_SAMPLES);

  return (samples, frames) => {
    check(samples, frames);
    const analysed = analysedFrames(samples.length);
    const kept = Math.min(realFrames(samples.length), frames);
    const values = new Float32Array(mels * frames);
    let loudest = Number.NEGATIVE_INFINITY;
    for (let frame = 0; frame < analysed; frame += 1) {
      const from = frame * HOP_SAMPLES - CENTRE;
      const inside = from >= 0 && from + WINDOW_SAMPLES <= samples.length;
      if (!inside) mirror(samples, from, edge);
      powerSpectrum(inside ? samples : edge, inside ? from : 0, power);
      melEnergies(filters, power, energies.values);
      energies.toLog10();
      const place = frame % TILE_FRAMES;
      loudest = Math.max(loudest, intoTile(energies.values, tile, place));
      if (place === TILE_FRAMES - 1 || frame === analysed - 1)
        unloadTile(tile, values, frame - place, Math.min(frame + 1, kept));
    }
    scale(values, { mels, frames, kept, floor: loudest - DYNAMIC_RANGE });
    return { values, mels, frames };
  };
}

const shared = new Map<number, LogMel>();

/** `createLogMel`, with one instance for each number of mels. */
export function logMel(samples: Float32Array, { mels, frames }: { mels: number; frames: number }): MelFrames {
  const instance = shared.get(mels) ?? createLogMel({ mels });
  shared.set(mels, instance);
  return instance(samples, frames);
}

function check(samples: Float32Array, frames: number): void {
  if (!Number.isSafeInteger(frames) || frames < 2 || frames % 2 !== 0) {
    throw new FloraAsrError('argument_invalid', `frames must be even and positive, but is ${frames}.`);
  }
  if (samples.length === 0) throw new FloraAsrError('audio_empty', 'The audio has no samples.');
  requireFinite(samples);
}

/** The window that begins at sample `from` of the zero-extended audio, which it overhangs. */
function mirror(samples: Float32Array, from: number, window: Float32Array): void {
  const last = samples.length + TRAILING_ZEROS - 1;
  const period = 2 * last;
  for (let t = 0; t < WINDOW_SAMPLES; t += 1) {
    const position = (((from + t) % period) + period) % period;
    window[t] = samples[position <= last ? position : period - position] ?? 0;
  }
}

function melEnergies({ mels, firstBin, start, weights }: MelFilterbank, power: Float64Array, energies: Float64Array): void {
  for (let mel = 0; mel < mels; mel += 1) {
    const end = start[mel + 1] as number;
    let bin = firstBin[mel] as number;
    let energy = 0;
    for (let index = start[mel] as number; index < end; index += 1, bin += 1) {
      energy += (weights[index] as number) * (power[bin] as number);
    }
    energies[mel] = energy > POWER_FLOOR ? energy : POWER_FLOOR;
  }
}

/** Writes a column of the tile and returns its largest value. */
function intoTile(column: Float64Array, tile: Float32Array, place: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let mel = 0; mel < column.length; mel += 1) {
    const value = column[mel] as number;
    tile[mel * TILE_FRAMES + place] = value;
    if (value > largest) largest = value;
  }
  return largest;
}

/** Copies the tile's frames `from` to `to` (exclusive) into their rows. */
function unloadTile(tile: Float32Array, values: Float32Array, from: number, to: number): void {
  const mels = tile.length / TILE_FRAMES;
  const frames = values.length / mels;
  for (let mel = 0; mel < mels; mel += 1) {
    for (let frame = from; frame < to; frame += 1) {
      values[mel * frames + frame] = tile[mel * TILE_FRAMES + frame - from] as number;
    }
  }
}

/** (max(v, floor) + 4) / 4 over the real frames; the padding stays 0. */
function scale(
  values: Float32Array,
  { mels, frames, kept, floor }: { mels: number; frames: number; kept: number; floor: number },
): void {
  for (let mel = 0; mel < mels; mel += 1) {
    const row = mel * frames;
    for (let index = row; index < row + kept; index += 1) {
      const value = values[index] as number;
      values[index] = ((value > floor ? value : floor) + 4) / 4;
    }
  }
}
