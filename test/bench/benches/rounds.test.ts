import { describe, expect, it } from 'vitest';
import { type MeasuredSystem, measureRounds, turnsOf } from '../../../bench/benches/rounds.ts';

const measurement = { utterances: 1, audioSeconds: 1, tokens: 1, seconds: 1, stats: null };

describe('rounds', () => {
  it('begin with another system each, and leave out those that have had theirs', () => {
    const systems = [
      { name: 'a', rounds: 3 },
      { name: 'b', rounds: 3 },
      { name: 'c', rounds: 1 },
    ];
    expect(turnsOf(systems).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'b', 'a', 'a', 'b']);
  });

  it('warm every system up first, then measure one at a time', async () => {
    const log: string[] = [];
    let working = 0;
    const system = (name: string): MeasuredSystem => ({
      name,
      rounds: 2,
      warmUp: async () => void log.push(`warm ${name}`),
      measure: async () => {
        working += 1;
        expect(working).toBe(1);
        await Promise.resolve();
        working -= 1;
        log.push(name);
        return measurement;
      },
    });
    const [a, b] = [system('a'), system('b')];
    const turns: string[] = [];
    const measured = await measureRounds([a, b], {
      settleMs: 0,
      signal: new AbortController().signal,
      onWarmUp: () => undefined,
      onMeasured: ({ name }, _, { done, total }) => turns.push(`${name} ${done}/${total}`),
    });
    expect(log).toEqual(['warm a', 'warm b', 'a', 'b', 'b', 'a']);
    expect(turns).toEqual(['a 1/4', 'b 2/4', 'b 3/4', 'a 4/4']);
    expect(measured.get(a)).toHaveLength(2);
  });

  it('end when they are interrupted', async () => {
    const interrupted = AbortSignal.abort();
    const system: MeasuredSystem = { name: 'a', rounds: 1, warmUp: async () => {}, measure: async () => measurement };
    const options = { settleMs: 0, signal: interrupted, onWarmUp: () => undefined, onMeasured: () => undefined };
    await expect(measureRounds([system], options)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
