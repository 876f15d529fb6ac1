import { WINDOW_SAMPLES } from './voice-detector.ts';

/** A signal, among those of one worker. */
export type SignalId = number & { readonly brand: 'SignalId' };

/** Windows that came together and are reported together. */
export interface PushedWindows {
  readonly signal: SignalId;
  /** [count, 512] */
  readonly windows: Float32Array;
  /** filled as the windows have their turns */
  readonly probabilities: Float32Array<ArrayBuffer>; // [count]
}

/** One window, and which of its push's it is. */
export interface WindowTurn {
  readonly push: PushedWindows;
  readonly index: number;
  /** a view of the push's windows */
  readonly samples: Float32Array; // [512]
}

interface Queue {
  readonly pushes: PushedWindows[];
  /** windows that wait for their turn */
  waiting: number;
  /** windows of the first push that had their turn */
  taken: number;
}

/**
 * Whose window is judged next. A window needs what the model kept of the one before, so a batch has at most one of
 * each signal; signals take turns, so that one with a whole recording waiting delays no other by more than a place.
 *
 * Invariants: the map's order is the order of turns. Each queue in it has a window that waits.
 */
export class WindowTurns {
  readonly #queues = new Map<SignalId, Queue>();

  /** @param windows [count, 512], at least one */
  add(signal: SignalId, windows: Float32Array): void {
    const push = { signal, windows, probabilities: new Float32Array(windows.length / WINDOW_SAMPLES) };
    const count = push.probabilities.length;
    const queue = this.#queues.get(signal);
    if (queue === undefined) {
      this.#queues.set(signal, { pushes: [push], waiting: count, taken: 0 });
      return;
    }
    queue.pushes.push(push);
    queue.waiting += count;
  }

  /** Windows that wait, of the signal that has the most of them. */
  get mostWaiting(): number {
    let most = 0;
    for (const { waiting } of this.#queues.values()) most = Math.max(most, waiting);
    return most;
  }

  /** Forgets what waits. */
  drop(signal: SignalId): void {
    this.#queues.delete(signal);
  }

  /** Takes the next windows, of as many signals, at most `most`. */
  next(most: number): readonly WindowTurn[] {
    const turns: WindowTurn[] = [];
    const first = [...firstOf(this.#queues, most)];
    for (const [signal, queue] of first) {
      turns.push(takeFrom(queue));
      this.#queues.delete(signal);
      if (queue.pushes.length > 0) this.#queues.set(signal, queue); // behind the others
    }
    return turns;
  }
}

function* firstOf<Entry>(entries: Iterable<Entry>, most: number): Generator<Entry> {
  let count = 0;
  for (const entry of entries) {
    if (count === most) return;
    count += 1;
    yield entry;
  }
}

function takeFrom(queue: Queue): WindowTurn {
  const push = queue.pushes[0] as PushedWindows;
  const index = queue.taken;
  queue.taken += 1;
  queue.waiting -= 1;
  if (queue.taken === push.probabilities.length) {
    queue.pushes.shift();
    queue.taken = 0;
  }
  return { push, index, samples: push.windows.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES) };
}
