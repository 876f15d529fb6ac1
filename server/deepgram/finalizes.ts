/**
 * Counts how often an utterance's end was asked for, and how often each channel has answered: a client that waits for
 * `from_finalize` gets it on each channel, once for each Finalize, though there was nothing to end.
 */
export class Finalizes {
  #asked = 0;
  readonly #answered: number[];

  constructor(channels: number) {
    this.#answered = Array.from({ length: channels }, () => 0);
  }

  /** @returns which one it is */
  ask(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** Words came of it. */
  answered(channel: number): void {
    this.#answered[channel] = Math.min(this.#asked, (this.#answered[channel] ?? 0) + 1);
  }

  /** What it ended has been told: the channels that have no answer to it yet, and get one now. */
  settle(which: number): readonly number[] {
    const missing = [...this.#answered.keys()].filter((channel) => (this.#answered[channel] ?? 0) < which);
    for (const channel of missing) this.#answered[channel] = which;
    return missing;
  }
}
