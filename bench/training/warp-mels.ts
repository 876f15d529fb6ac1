import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { hzToMel, melToHz } from '../../asr/features/mel-filterbank.ts';
import type { MelFrames } from '../../asr/features/mel-frames.ts';

const NYQUIST_HZ = SAMPLE_RATE_HZ / 2;
/** Formants lie below; above, the axis is bent so that it ends where it did. */
const BEND_HZ = 4_800;

/**
 * The spectrogram that a vocal tract shorter by `factor` would give: what was at f is at about factor · f.
 * Vocal tract length perturbation (Jaitly and Hinton 2013), on finished features: each band is interpolated between the
 * two bands nearest to where it was.
 * @returns a fresh array; frames of 0.0 stay so
 */
export function warpMels({ values, mels, frames }: MelFrames, factor: number): MelFrames {
  const result = new Float32Array(values.length); // [mels, frames]
  const perHz = (mels + 1) / hzToMel(NYQUIST_HZ);
  for (let mel = 0; mel < mels; mel += 1) {
    const source = hzToMel(unwarped(melToHz((mel + 1) / perHz), factor)) * perHz - 1;
    const place = Math.min(Math.max(source, 0), mels - 1);
    const lower = Math.min(Math.floor(place), mels - 2);
    const share = place - lower;
    for (let frame = 0; frame < frames; frame += 1) {
      const near = values[lower * frames + frame] as number;
      const far = values[(lower + 1) * frames + frame] as number;
      result[mel * frames + frame] = near + share * (far - near);
    }
  }
  return { values: result, mels, frames };
}

/** Where the sound at `hz` was before: hz / factor up to the bend, and then straight to the end of the axis. */
function unwarped(hz: number, factor: number): number {
  const before = BEND_HZ * Math.min(1, 1 / factor);
  const bend = before * factor;
  if (hz <= bend) return hz / factor;
  return NYQUIST_HZ - ((NYQUIST_HZ - before) / (NYQUIST_HZ - bend)) * (NYQUIST_HZ - hz);
}
