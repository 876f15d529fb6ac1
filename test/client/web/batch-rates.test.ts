import { describe, expect, it } from 'vitest';
import { ratesBetween } from '../../../client/web/service/batch-rates.ts';
import { hueOf, languageName } from '../../../client/web/service/language-names.ts';

const TOTALS = {
  finished_rows: 10,
  failed_rows: 0,
  cancelled_rows: 0,
  encoder_runs: 5,
  encoder_rows: 10,
  encoder_mixed_runs: 3,
  positions_asked: 1_000,
  positions_computed: 1_200,
  decoder_steps: 100,
  decoder_tokens: 200,
  decoder_mixed_steps: 50,
  busy_ms: 1_000,
  idle_ms: 9_000,
};

describe('rates of the batch', () => {
  it('are of the time between two looks', () => {
    const now = {
      ...TOTALS,
      encoder_runs: 7,
      encoder_rows: 16,
      positions_asked: 1_300,
      positions_computed: 1_600,
      decoder_steps: 120,
      decoder_tokens: 260,
      decoder_mixed_steps: 65,
      busy_ms: 1_600,
      idle_ms: 9_400,
    };
    expect(ratesBetween(TOTALS, now)).toEqual({
      rowsPerRun: 3,
      rowsPerStep: 3,
      mixedShare: 0.75,
      paddingShare: 0.25,
      busyShare: 0.6,
    });
  });

  it('are unknown while nothing runs, and of an engine that has started anew', () => {
    const none = { rowsPerRun: null, rowsPerStep: null, mixedShare: null, paddingShare: null, busyShare: null };
    expect(ratesBetween(TOTALS, TOTALS)).toEqual(none);
    const anew = Object.fromEntries(Object.keys(TOTALS).map((name) => [name, 0])) as typeof TOTALS;
    expect(ratesBetween(TOTALS, anew)).toEqual(none);
  });
});

describe('languages', () => {
  it('have names, and colours of their own', () => {
    expect([languageName('el'), languageName('es-419'), languageName('?')]).toEqual(['Greek', 'Latin American Spanish', '?']);
    const order = ['bg', 'ca', 'el', 'es', 'fr', 'ro', 'ru'];
    const hues = order.map((tag) => hueOf(tag, order)).sort((left, right) => left - right);
    const gaps = hues.map((hue, index) => (index === 0 ? hue + 360 - (hues.at(-1) ?? 0) : hue - (hues[index - 1] ?? 0)));
    expect(Math.min(...gaps)).toBeGreaterThan(20);
    expect(hueOf('es-419', order)).toBe(hueOf('es', order));
  });
});
