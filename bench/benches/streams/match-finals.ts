/** From `startMs` to `endMs` of a stream. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** A recording as it was played. */
export interface SpokenRecording {
  readonly id: string;
  /** where a final has to be */
  readonly sure: readonly TimeRange[];
  /** all that sounds like speech, in order */
  readonly speech: readonly TimeRange[];
}

export interface OrderedFinal extends TimeRange {
  readonly sequence: number;
}

export interface Matching<Final extends OrderedFinal> {
  /** ids of recordings of which something has no final */
  readonly lost: readonly string[];
  /** finals that came before, or of audio that had one */
  readonly duplicated: readonly Final[];
  /** finals that did not come in their turn */
  readonly outOfOrder: readonly Final[];
  /** finals that are no duplicates, and where their speech ends; null if nobody spoke */
  readonly matched: readonly { readonly final: Final; readonly speechEndMs: number | null }[];
}

/** Times of finals are whole milliseconds, so neighbours may seem to share one. */
const ROUNDING_MS = 1;

/** @param finals of one channel of one stream, in the order in which they came */
export function matchFinals<Final extends OrderedFinal>(
  spoken: readonly SpokenRecording[],
  finals: readonly Final[],
): Matching<Final> {
  const { accepted, duplicated, outOfOrder } = judgeOrder(finals);
  const speech = spoken.flatMap((recording) => recording.speech);
  const hasFinal = (range: TimeRange) => accepted.some((final) => overlap(final, range));
  return {
    lost: spoken.filter(({ sure }) => !sure.every(hasFinal)).map(({ id }) => id),
    duplicated,
    outOfOrder,
    matched: accepted.map((final) => ({ final, speechEndMs: speechEndIn(final, speech) })),
  };
}

function judgeOrder<Final extends OrderedFinal>(finals: readonly Final[]) {
  const [accepted, duplicated, outOfOrder]: [Final[], Final[], Final[]] = [[], [], []];
  let expected = 0;
  for (const final of finals) {
    if (accepted.some((other) => other.sequence === final.sequence || overlap(other, final))) {
      duplicated.push(final);
      continue;
    }
    const inTime = accepted.every((other) => other.startMs <= final.startMs);
    if (final.sequence !== expected || !inTime) outOfOrder.push(final);
    expected = Math.max(expected, final.sequence + 1);
    accepted.push(final);
  }
  return { accepted, duplicated, outOfOrder };
}

function speechEndIn(final: TimeRange, speech: readonly TimeRange[]): number | null {
  const ends = speech.filter((range) => overlap(final, range)).map(({ endMs }) => Math.min(endMs, final.endMs));
  return ends.length === 0 ? null : Math.max(...ends);
}

function overlap(left: TimeRange, right: TimeRange): boolean {
  return Math.min(left.endMs, right.endMs) - Math.max(left.startMs, right.startMs) > ROUNDING_MS;
}
