import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import type { Draw } from '../draw.ts';
import type { Recording } from './recordings.ts';

/** What one stream plays: recordings, and silence everywhere else. */
export interface StreamScript {
  /** in order, apart from each other */
  readonly placed: readonly PlacedRecording[];
  readonly totalSamples: number;
}

export interface PlacedRecording {
  readonly recording: Recording;
  /** in the stream, at 16 kHz */
  readonly startSample: number;
}

export interface ScriptOptions {
  /** of one language */
  readonly recordings: readonly Recording[];
  readonly seconds: number;
  /** silence that ends an utterance: pauses are longer */
  readonly silenceMs: number;
  /** of the pauses between recordings, shortest and longest */
  readonly pausesMs: readonly [number, number];
  readonly draw: Draw;
}

/** above the silence that ends an utterance */
const SPARE_PAUSE_MS = 500;
/** longer than any pause, so that the last utterance ends at a pause too */
const NOISE_SECONDS = 7;
/** about -70 dB of full scale: a quiet room */
const NOISE_AMPLITUDE = 16;

/**
 * Recordings in drawn order, each one once before any comes again, with pauses around them; longer ones than were asked
 * for where they would not end an utterance. What is too long for the stream is left out.
 */
export function streamScript({ recordings, seconds, silenceMs, pausesMs, draw }: ScriptOptions): StreamScript {
  const [least, most] = pausesMs;
  const totalSamples = seconds * SAMPLE_RATE_HZ;
  const shortestMs = Math.max(least, silenceMs + SPARE_PAUSE_MS);
  const longestMs = Math.max(shortestMs, most);
  const pause = () => toSamples(draw.whole(shortestMs, longestMs));
  const longest = totalSamples - toSamples(shortestMs + longestMs);
  const fitting = recordings.filter(({ samples }) => samples.length <= longest);
  const placed: PlacedRecording[] = [];
  if (fitting.length === 0) return { placed, totalSamples };
  const next = endlessly(fitting, draw);
  let startSample = pause();
  for (let recording = next(); ; recording = next()) {
    const endSample = startSample + recording.samples.length;
    if (endSample + toSamples(shortestMs) > totalSamples) return { placed, totalSamples };
    placed.push({ recording, startSample });
    startSample = endSample + pause();
  }
}

/** The script as a microphone gives it: frames of 16-bit samples, the last one shorter where it does not fit. */
export function* scriptFrames(
  script: StreamScript,
  frameSamples: number,
  noise: Int16Array,
): Generator<Int16Array<ArrayBuffer>> {
  let first = 0; // recordings before it have been played
  for (let from = 0; from < script.totalSamples; from += frameSamples) {
    const frame = new Int16Array(Math.min(frameSamples, script.totalSamples - from));
    for (let i = 0; i < frame.length; i += 1) frame[i] = noise[(from + i) % noise.length] ?? 0;
    const to = from + frame.length;
    while (endOf(script.placed[first]) <= from) first += 1;
    for (const { recording, startSample } of script.placed.slice(first, first + 2)) {
      if (startSample >= to) break;
      const played = recording.samples.subarray(Math.max(0, from - startSample), Math.max(0, to - startSample));
      frame.set(played, Math.max(0, startSample - from));
    }
    yield frame;
  }
}

/** The silence of a quiet room, to be repeated. */
export function roomNoise(draw: Draw): Int16Array {
  return Int16Array.from({ length: NOISE_SECONDS * SAMPLE_RATE_HZ }, () => draw.whole(-NOISE_AMPLITUDE, NOISE_AMPLITUDE));
}

/** Draws without putting back, until none is left; then from all again. */
function endlessly<Item>(items: readonly Item[], draw: Draw): () => Item {
  let left: Item[] = [];
  return () => {
    if (left.length === 0) left = [...items];
    return left.splice(draw.whole(0, left.length - 1), 1)[0] as Item;
  };
}

function endOf(placed: PlacedRecording | undefined): number {
  return placed === undefined ? Number.POSITIVE_INFINITY : placed.startSample + placed.recording.samples.length;
}

function toSamples(milliseconds: number): number {
  return Math.round((milliseconds * SAMPLE_RATE_HZ) / 1000);
}
