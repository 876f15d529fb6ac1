import { type AudioFeed, SAMPLE_RATE_HZ } from './audio-feed.ts';

const PIECE_SAMPLES = SAMPLE_RATE_HZ / 10;
const TICK_MS = 50;

/** Any file that the browser can decode, as 16 kHz mono. @throws Error that says what is wrong, for people */
export async function decodeRecording(data: ArrayBuffer, name: string): Promise<Float32Array> {
  // its length is asked for, and does not matter to what is decoded
  const context = new OfflineAudioContext({ numberOfChannels: 1, length: 1, sampleRate: SAMPLE_RATE_HZ });
  let decoded: AudioBuffer;
  try {
    decoded = await context.decodeAudioData(data);
  } catch (cause) {
    throw new Error(`${name} is no audio that this browser can decode; try WAV, FLAC, MP3 or Ogg.`, { cause });
  }
  return mean(Array.from({ length: decoded.numberOfChannels }, (_, channel) => decoded.getChannelData(channel)));
}

function mean(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = channels;
  if (channels.length === 1) return first;
  return first.map((_, index) => channels.reduce((sum, channel) => sum + (channel[index] ?? 0), 0) / channels.length);
}

/** `speech`: as if it were spoken now; `fast`: as fast as the service takes it */
export type RecordingPace = 'speech' | 'fast';

export interface RecordingFeedOptions {
  /** the recording as it came, to be heard while it is sent, at the pace of speech only; null: it is not heard */
  readonly sound: Blob | null;
  readonly pace: RecordingPace;
}

/** A recording, sent from its beginning. */
export function recordingFeed(samples: Float32Array, { sound, pace }: RecordingFeedOptions): AudioFeed {
  const stopping = new AbortController();
  const { signal } = stopping;
  if (pace === 'fast') return { live: false, pieces: piecesOf(samples, signal), stop: () => stopping.abort() };
  const silence = sound === null ? () => undefined : play(sound);
  signal.addEventListener('abort', silence);
  return { live: true, pieces: pacedPieces(samples, signal), stop: () => stopping.abort() };
}

async function* piecesOf(samples: Float32Array, signal: AbortSignal): AsyncGenerator<Float32Array> {
  for (let at = 0; at < samples.length && !signal.aborted; at += PIECE_SAMPLES) yield samples.subarray(at, at + PIECE_SAMPLES);
}

/** By the clock and not by the number of ticks: a tab in the background has few of them. */
async function* pacedPieces(samples: Float32Array, signal: AbortSignal): AsyncGenerator<Float32Array> {
  const begunMs = performance.now();
  for (let at = 0; at < samples.length; ) {
    await sleep(TICK_MS, signal);
    if (signal.aborted) return;
    const due = Math.floor(((performance.now() - begunMs) / 1000) * SAMPLE_RATE_HZ);
    for (; at + PIECE_SAMPLES <= due && at < samples.length; at += PIECE_SAMPLES)
      yield samples.subarray(at, at + PIECE_SAMPLES);
  }
}

/** By an element and not by an `AudioContext`, which holds the page up for 50 ms when it opens. @returns what stops it */
function play(recording: Blob): () => void {
  const address = URL.createObjectURL(recording);
  const player = new Audio(address);
  // it is sent all the same where there is no sound
  player.play().catch(() => undefined);
  return () => {
    player.pause();
    URL.revokeObjectURL(address);
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
