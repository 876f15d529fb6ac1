/**
 * Counts how often the end of a channel's utterance was asked for, and how often the channel has answered: a client that
 * waits for `from_finalize` gets it once for each Finalize, on each channel that it was for, though there was nothing to
 * end.
 */
export class Finalizes {
  readonly #channels: readonly { asked: number; answered: number }[];

  constructor(channels: number) {
    this.#channels = Array.from({ length: channels }, () => ({ asked: 0, answered: 0 }));
  }

  /**
   * @param channel null: all
   * @returns what `settle` is to be told when what it ended has had its events
   */
  ask(channel: number | null): readonly AskedChannel[] {
    const wanted = [...this.#channels.entries()].filter(([index]) => channel === null || index === channel);
    return wanted.map(([index, counts]) => {
      counts.asked += 1;
      return { channel: index, which: counts.asked };
    });
  }

  /** Words came of one. */
  answered(channel: number): void {
    const counts = this.#channels[channel];
    if (counts !== undefined) counts.answered = Math.min(counts.asked, counts.answered + 1);
  }

  /** Of the channels that were asked, those that have not answered; they do now. */
  settle(asked: readonly AskedChannel[]): readonly number[] {
    return asked.flatMap(({ channel, which }) => {
      const counts = this.#channels[channel];
      if (counts === undefined || counts.answered >= which) return [];
      counts.answered = which;
      return [channel];
    });
  }
}

export interface AskedChannel {
  readonly channel: number;
  /** of the channel's */
  readonly which: number;
}
