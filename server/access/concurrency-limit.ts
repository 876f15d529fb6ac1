import { FloraAsrError } from '../../kernels/errors.ts';
import type { Client, Release } from './access.ts';

interface Bound {
  readonly most: number;
  /** what an operator would set */
  readonly variable: string;
}

interface ConcurrencyBounds {
  /** `streams are open` */
  readonly what: string;
  readonly total: Bound;
  readonly perClient: Bound;
}

/** How much of one kind goes on at once, in all and for each client. */
export class ConcurrencyLimit {
  readonly #code: 'too_many_requests' | 'too_many_streams';
  readonly #bounds: ConcurrencyBounds;
  /** Only clients that have something going on are in it. */
  readonly #byClient = new Map<string, number>();
  #total = 0;

  constructor(code: 'too_many_requests' | 'too_many_streams', bounds: ConcurrencyBounds) {
    this.#code = code;
    this.#bounds = bounds;
  }

  /** @throws FloraAsrError `too_many_requests` or `too_many_streams` */
  take({ name }: Client): Release {
    const { total, perClient } = this.#bounds;
    const own = this.#byClient.get(name) ?? 0;
    if (own >= perClient.most) throw this.#refusal(`of ${name}`, perClient);
    if (this.#total >= total.most) throw this.#refusal('of all clients', total);
    this.#byClient.set(name, own + 1);
    this.#total += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#giveBack(name);
    };
  }

  #giveBack(name: string): void {
    const left = (this.#byClient.get(name) ?? 0) - 1;
    if (left > 0) this.#byClient.set(name, left);
    else this.#byClient.delete(name);
    this.#total -= 1;
  }

  #refusal(whose: string, { most, variable }: Bound): FloraAsrError {
    return new FloraAsrError(
      this.#code,
      `${most} ${this.#bounds.what} ${whose} already, the most there may be at once (${variable}); try again when one has ended.`,
    );
  }
}
