import { setTimeout as pause } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';

/** One stream to be sent as it would be spoken. */
export interface PlayedStream {
  readonly frames: Iterator<Int16Array<ArrayBuffer>>;
  /** of every frame but the last */
  readonly frameSamples: number;
  /** begins so long after the player */
  readonly offsetMs: number;
  send(frame: Int16Array<ArrayBuffer>): void;
  /** All frames were sent. */
  finish(): void;
}

/** What became of one stream. */
export interface Playing {
  readonly stream: PlayedStream;
  /** by frame, milliseconds of the player's clock */
  readonly sentMs: readonly number[];
}

interface Progress extends Playing {
  readonly sentMs: number[];
  next: IteratorResult<Int16Array<ArrayBuffer>, unknown>;
  sentSamples: number;
}

/** Timers that are due sooner are not worth their wake-ups: with many streams there is a frame each millisecond. */
const SHORTEST_WAIT_MS = 5;

/**
 * Sends each frame once its last sample would have been spoken. Times are counted from the beginning, so a late frame
 * makes no later one late.
 */
export class RealTimePlayer {
  readonly #streams: readonly Progress[];
  readonly #clock: () => number;
  readonly #beganMs: number;
  readonly #lagsMs: number[] = [];

  /** @param clock monotonic milliseconds */
  constructor(streams: readonly PlayedStream[], clock: () => number) {
    this.#streams = streams.map((stream) => ({ stream, sentMs: [], next: stream.frames.next(), sentSamples: 0 }));
    this.#clock = clock;
    this.#beganMs = clock();
  }

  get streams(): readonly Playing[] {
    return this.#streams;
  }

  /** How late each frame was sent. */
  get lagsMs(): readonly number[] {
    return this.#lagsMs;
  }

  /** Sends all that is due. @returns when more will be; null if all was sent */
  advance(): number | null {
    const due = this.#streams.flatMap((progress) => this.#send(progress) ?? []);
    return due.length === 0 ? null : Math.min(...due);
  }

  #send(progress: Progress): number | null {
    const { stream, sentMs } = progress;
    while (progress.next.done !== true) {
      const frame = progress.next.value;
      const dueMs = this.#beganMs + stream.offsetMs + (1000 * (progress.sentSamples + frame.length)) / SAMPLE_RATE_HZ;
      const nowMs = this.#clock();
      if (nowMs < dueMs) return dueMs;
      stream.send(frame);
      sentMs.push(nowMs);
      this.#lagsMs.push(nowMs - dueMs);
      progress.sentSamples += frame.length;
      progress.next = stream.frames.next();
      if (progress.next.done === true) stream.finish();
    }
    return null;
  }
}

/** Plays to the end. @throws DOMException `AbortError` */
export async function playToEnd(player: RealTimePlayer, clock: () => number, signal: AbortSignal): Promise<void> {
  for (let dueMs = player.advance(); dueMs !== null; dueMs = player.advance()) {
    await pause(Math.max(SHORTEST_WAIT_MS, dueMs - clock()), undefined, { signal });
  }
}
