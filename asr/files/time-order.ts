interface Placed {
  readonly channel: number;
  readonly startMs: number;
}

/** Puts utterances that come in the order of each channel into the order of time. */
export interface TimeOrder<Utterance extends Placed> {
  take(utterance: Utterance): void;
  /** No more comes that begins before this. */
  settle(beforeMs: number): void;
}

/** @param tell gets them by their beginning, those of the first channel first */
export function createTimeOrder<Utterance extends Placed>(
  channels: number,
  tell: (utterance: Utterance) => void,
): TimeOrder<Utterance> {
  const waiting: Utterance[] = [];
  return {
    take(utterance) {
      if (channels === 1) return tell(utterance);
      waiting.push(utterance);
    },
    settle(beforeMs) {
      waiting.sort((one, other) => one.startMs - other.startMs || one.channel - other.channel);
      const settled = waiting.findIndex(({ startMs }) => startMs >= beforeMs);
      for (const utterance of waiting.splice(0, settled < 0 ? waiting.length : settled)) tell(utterance);
    },
  };
}
