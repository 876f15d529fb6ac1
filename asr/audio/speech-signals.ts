import { setImmediate as otherWork } from 'node:timers/promises';
import { throwIfCancelled } from './cancelled.ts';
import { type ChannelMode, signalsOf } from './channels.ts';
import { type PcmAudio, SAMPLE_RATE_HZ } from './pcm.ts';
import { createResampler } from './resample.ts';

/** Resampled at once, before other work has its turn: some milliseconds. */
const PIECE_MS = 1_000;

/**
 * The signals to recognise, at Whisper's rate: one, or one for each channel. The arrays may be those of
 * `audio`.
 * @throws FloraAsrError `argument_invalid`, `cancelled`
 */
export async function speechSignals(
  audio: PcmAudio,
  mode: ChannelMode,
  signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
  const signals: Float32Array[] = [];
  for (const samples of signalsOf(audio, mode)) signals.push(await atSpeechRate(samples, audio.sampleRateHz, signal));
  return signals;
}

/** As `resample` gives it, bitwise, since a resampler's output does not depend on the pieces. */
async function atSpeechRate(samples: Float32Array, fromHz: number, signal: AbortSignal | undefined): Promise<Float32Array> {
  if (fromHz === SAMPLE_RATE_HZ) return samples;
  const resampler = createResampler(fromHz, SAMPLE_RATE_HZ);
  const resampled = new Float32Array(Math.ceil((samples.length * SAMPLE_RATE_HZ) / fromHz));
  const pieceSamples = Math.ceil((fromHz * PIECE_MS) / 1000);
  let filled = 0;
  const append = (piece: Float32Array) => {
    resampled.set(piece, filled);
    filled += piece.length;
  };
  for (let start = 0; start < samples.length; start += pieceSamples) {
    throwIfCancelled(signal);
    append(resampler.push(samples.subarray(start, start + pieceSamples)));
    await otherWork();
  }
  append(resampler.end());
  return resampled;
}
