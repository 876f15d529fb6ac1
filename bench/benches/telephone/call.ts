import wavefile from 'wavefile';
import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import { resample } from '../../../asr/audio/resample.ts';

/** One who speaks, on a channel of their own, while the other one is silent. */
export interface Turn<Said> {
  readonly said: Said;
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** A call of two sides, at 16 kHz. */
export interface Call<Said> {
  readonly turns: readonly Turn<Said>[];
  readonly channels: readonly [Float32Array, Float32Array];
}

/** How a call is sent. */
export interface SentCall {
  readonly encoding: 'pcm_s16le' | 'mulaw';
  readonly sampleRateHz: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly bytesPerSecond: number;
}

/** Silence before each turn, and after the last. */
const PAUSE_SAMPLES = SAMPLE_RATE_HZ;
const TELEPHONE_HZ = 8_000;

/** The sides take turns, left first. */
export function makeCall<Said>(recordings: readonly { said: Said; samples: Float32Array }[]): Call<Said> {
  const spoken = recordings.reduce((sum, { samples }) => sum + samples.length, 0);
  const length = spoken + (recordings.length + 1) * PAUSE_SAMPLES;
  const channels: [Float32Array, Float32Array] = [new Float32Array(length), new Float32Array(length)];
  let at = PAUSE_SAMPLES;
  const turns = recordings.map(({ said, samples }, index) => {
    const channel = index % 2;
    channels[channel]?.set(samples, at);
    const turn = { said, channel, startMs: toMs(at), endMs: toMs(at + samples.length) };
    at += samples.length + PAUSE_SAMPLES;
    return turn;
  });
  return { turns, channels };
}

/** 16-bit samples at 16 kHz: the recordings as they are. */
export function asWideband({ channels }: Pick<Call<unknown>, 'channels'>): SentCall {
  const samples = interleave(channels.map(toInt16));
  return {
    encoding: 'pcm_s16le',
    sampleRateHz: SAMPLE_RATE_HZ,
    bytes: new Uint8Array(samples.buffer),
    bytesPerSecond: 2 * 2 * SAMPLE_RATE_HZ,
  };
}

/** As a telephone exchange passes it on: 8 kHz, 8-bit µ-law (G.711). */
export function asTelephone({ channels }: Pick<Call<unknown>, 'channels'>): SentCall {
  const narrow = channels.map((samples) => toInt16(resample(samples, SAMPLE_RATE_HZ, TELEPHONE_HZ)));
  const wav = new wavefile.WaveFile();
  wav.fromScratch(2, TELEPHONE_HZ, '16', interleave(narrow));
  wav.toMuLaw();
  const { samples } = wav.data as { samples: Uint8Array };
  return { encoding: 'mulaw', sampleRateHz: TELEPHONE_HZ, bytes: Uint8Array.from(samples), bytesPerSecond: 2 * TELEPHONE_HZ };
}

function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}

function interleave([left = new Int16Array(), right = new Int16Array()]: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(2 * left.length);
  for (let index = 0; index < left.length; index += 1) {
    samples[2 * index] = left[index] as number;
    samples[2 * index + 1] = right[index] as number;
  }
  return samples;
}

function toMs(samples: number): number {
  return (1000 * samples) / SAMPLE_RATE_HZ;
}
