import { describe, expect, it } from 'vitest';
import { planAttempts } from '../../../asr/decoding/attempts.ts';

const RULES = { contexts: [100, 250, 1_500], temperature: 0, beamSize: 1, prompted: false, retries: true };
const summary = (rules: Partial<typeof RULES>) =>
  planAttempts({ ...RULES, ...rules }).map(({ context, temperature, prompted }) => [context, temperature, prompted]);

describe('planAttempts', () => {
  it('asks for more context first, then draws words at the full one', () => {
    expect(summary({})).toEqual([
      [100, 0, false],
      [250, 0, false],
      [1_500, 0, false],
      [1_500, 0.4, false],
      [1_500, 0.8, false],
    ]);
  });

  it('says what was said before to the first attempt alone, and tries without it before anything is drawn', () => {
    expect(summary({ prompted: true }).map(([, , prompted]) => prompted)).toEqual([true, false, false, false, false]);
    expect(summary({ prompted: true, contexts: [1_500] }).slice(0, 2)).toEqual([
      [1_500, 0, true],
      [1_500, 0, false],
    ]);
  });

  it('begins at the temperature that was asked for', () => {
    expect(summary({ temperature: 0.5, contexts: [1_500] })).toEqual([
      [1_500, 0.5, false],
      [1_500, 0.8, false],
    ]);
    expect(summary({ temperature: 1, contexts: [1_500] })).toEqual([[1_500, 1, false]]);
  });

  it('is one attempt where nothing is tried again', () => {
    expect(summary({ retries: false, prompted: true })).toEqual([[100, 0, true]]);
  });
});
