import type { Turn } from './call.ts';

/** A final of the service. */
export interface HeardFinal {
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/**
 * What was heard of each turn: every final belongs to the turn of its channel that is nearest to its middle, so that
 * words out of nowhere count as insertions there.
 * @returns texts in the order of the turns
 */
export function attributeFinals(turns: readonly Turn<unknown>[], finals: readonly HeardFinal[]): readonly string[] {
  const heard = turns.map((): string[] => []);
  for (const final of finals) {
    const distances = turns.map((turn) =>
      turn.channel === final.channel ? distanceTo(turn, final) : Number.POSITIVE_INFINITY,
    );
    heard[distances.indexOf(Math.min(...distances))]?.push(final.text);
  }
  return heard.map((texts) => texts.filter((text) => text !== '').join(' '));
}

/** Finals that begin before one of their channel that came earlier has ended. */
export function disordered(finals: readonly HeardFinal[]): readonly HeardFinal[] {
  const ends = new Map<number, number>();
  return finals.filter(({ channel, startMs, endMs }) => {
    const before = ends.get(channel) ?? 0;
    ends.set(channel, Math.max(before, endMs));
    return startMs < before;
  });
}

function distanceTo(turn: Turn<unknown>, { startMs, endMs }: HeardFinal): number {
  const middle = (startMs + endMs) / 2;
  return Math.max(0, turn.startMs - middle, middle - turn.endMs);
}
