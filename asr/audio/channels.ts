import type { PcmAudio } from './pcm.ts';

/** What to recognise of audio with several channels: their mean, or each for itself. */
export type ChannelMode = 'mix' | 'apart';

/** The signals to recognise, at the audio's own rate. The arrays may be those of `audio`. */
export function signalsOf(audio: PcmAudio, mode: ChannelMode): readonly Float32Array[] {
  return mode === 'apart' ? audio.channels : [mixDown(audio.channels)];
}

/** The mean of all channels; of one channel, that channel itself. */
export function mixDown(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (others.length === 0) return first;
  const mean = Float32Array.from(first);
  for (const channel of others) {
    for (let index = 0; index < mean.length; index += 1) mean[index] = (mean[index] ?? 0) + (channel[index] ?? 0);
  }
  for (let index = 0; index < mean.length; index += 1) mean[index] = (mean[index] ?? 0) / channels.length;
  return mean;
}

/** `c0 c1 c0 c1 …` to one array per channel; values that do not fill a last frame are left out. */
export function deinterleave(interleaved: ArrayLike<number>, channels: number): Float32Array[] {
  const frames = Math.floor(interleaved.length / channels);
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0, from = channel; frame < frames; frame += 1, from += channels) {
      samples[frame] = interleaved[from] as number;
    }
    return samples;
  });
}
