import { emptyMemory, MOST_ROWS, type SignalMemory, type SignalWindow } from './silero-model.ts';
import { type SignalId, WindowTurns } from './window-turns.ts';

export interface WindowModel {
  /** the probability of speech for each window; moves their memories on */
  judge(rows: readonly SignalWindow[]): Promise<Float32Array>;
}

export interface DetectionLoopOptions {
  readonly model: WindowModel;
  /** All windows of a push are judged; the array is the callee's. A signal's pushes come in their order. */
  readonly onJudged: (signal: SignalId, probabilities: Float32Array<ArrayBuffer>) => void;
}

/** Judges the windows of many signals in shared batches. Nothing is pushed or dropped while a turn is on. */
export class DetectionLoop {
  readonly #model: WindowModel;
  readonly #onJudged: DetectionLoopOptions['onJudged'];
  readonly #turns = new WindowTurns();
  readonly #memories = new Map<SignalId, SignalMemory>();

  constructor({ model, onJudged }: DetectionLoopOptions) {
    this.#model = model;
    this.#onJudged = onJudged;
  }

  /** A signal is open from its first push on. @param windows [count, 512], at least one */
  push(signal: SignalId, windows: Float32Array): void {
    if (!this.#memories.has(signal)) this.#memories.set(signal, emptyMemory());
    this.#turns.add(signal, windows);
  }

  /** Forgets a signal, and what waits of it. */
  drop(signal: SignalId): void {
    this.#turns.drop(signal);
    this.#memories.delete(signal);
  }

  /** Windows that wait, of the signal that has the most of them. */
  get mostWaiting(): number {
    return this.#turns.mostWaiting;
  }

  /** Judges one batch. @returns false if nothing waited */
  async turn(): Promise<boolean> {
    const turns = this.#turns.next(MOST_ROWS);
    if (turns.length === 0) return false;
    const rows = turns.map(({ push, samples }) => ({ memory: this.#memories.get(push.signal) as SignalMemory, samples }));
    const probabilities = await this.#model.judge(rows);
    for (const [row, { push, index }] of turns.entries()) {
      push.probabilities[index] = probabilities[row] as number;
      if (index + 1 === push.probabilities.length) this.#onJudged(push.signal, push.probabilities);
    }
    return true;
  }
}
