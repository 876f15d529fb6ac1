import type { StreamEvent } from './stream-event.ts';

type Step = IteratorResult<StreamEvent, undefined>;
type Ending = { readonly kind: 'end' } | { readonly kind: 'failure'; readonly error: Error };

interface Waiting {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Events between the connection and whoever reads them, in their order. Of partials that nobody has read yet only the
 * last of each channel is kept, because it says all that those before it said.
 */
export class EventQueue {
  readonly #events: StreamEvent[] = [];
  readonly #waiting: Waiting[] = [];
  #ending: Ending | null = null;

  push(event: StreamEvent): void {
    if (this.#ending !== null) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: event });
    if (event.type === 'partial') this.#dropPartialOf(event.channel);
    this.#events.push(event);
  }

  /** No more comes. What is here can still be read. */
  end(): void {
    this.#settle({ kind: 'end' });
  }

  /** What is here can still be read; then each reader gets the error. */
  fail(error: Error): void {
    this.#settle({ kind: 'failure', error });
  }

  async next(): Promise<Step> {
    const event = this.#events.shift();
    if (event !== undefined) return { done: false, value: event };
    if (this.#ending?.kind === 'end') return { done: true, value: undefined };
    if (this.#ending?.kind === 'failure') throw this.#ending.error;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #settle(ending: Ending): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (ending.kind === 'end') resolve({ done: true, value: undefined });
      else reject(ending.error);
    }
  }

  #dropPartialOf(channel: number): void {
    const at = this.#events.findLastIndex((event) => event.type === 'partial' && event.channel === channel);
    if (at !== -1) this.#events.splice(at, 1);
  }
}
