import { emptyMemory, MOST_ROWS, type SignalMemory, type SignalWindow } from './silero-model.ts';
import { type PushedWindows, type SignalId, WindowTurns } from './window-turns.ts';

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
  /** of pushes of which some windows are judged */
  readonly #judged = new Map<PushedWindows, Float32Array<ArrayBuffer>>();

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
    for (const push of this.#judged.keys()) if (push.signal === signal) this.#judged.delete(push);
  }

  /** Judges one batch. @returns false if nothing waited */
  async turn(): Promise<boolean> {
    const turns = this.#turns.next(MOST_ROWS);
    if (turns.length === 0) return false;
    const rows = turns.map(({ push, samples }) => ({ memory: this.#memories.get(push.signal) as SignalMemory, samples }));
    const probabilities = await this.#model.judge(rows);
    for (const [row, { push, index }] of turns.entries()) this.#take(push, index, probabilities[row] as number);
    return true;
  }

  #take(push: PushedWindows, index: number, probability: number): void {
    const judged = this.#judged.get(push) ?? new Float32Array(push.count);
    judged[index] = probability;
    if (index + 1 < push.count) {
      this.#judged.set(push, judged);
      return;
    }
    this.#judged.delete(push);
    this.#onJudged(push.signal, judged);
  }
}
