import { describe, expect, it } from 'vitest';
import { type EvalRun, evalReport } from '../../../bench/wer/eval-report.ts';
import { evalText } from '../../../bench/wer/eval-text.ts';
import { heard, utterance } from './spoken-utterances.ts';

const LOOP = Array.from({ length: 40 }, () => 'no no').join(' ');

const utterances = [
  utterance({ id: 'es/1', text: 'uno dos' }),
  utterance({ id: 'es/2', text: 'tres cuatro', spoken: false }),
  utterance({ id: 'el/1', text: 'ένα δύο τρία τέσσερα', language: 'el' }),
  utterance({ id: 'el/2', text: '…', language: 'el' }),
  utterance({ id: 'ru/1', text: 'раз', language: 'ru' }),
];
const [es1, es2, el1, el2, ru1] = utterances as [
  (typeof utterances)[0],
  (typeof utterances)[0],
  (typeof utterances)[0],
  (typeof utterances)[0],
  (typeof utterances)[0],
];

/** No adapter for Russian; Greek loops without one. */
const RUN: EvalRun = {
  utterances,
  ours: [
    {
      name: 'base',
      title: 'base',
      heard: [
        heard(es1, 'uno tres'),
        heard(es2, 'tres'),
        heard(el1, LOOP, { trips: ['repetition'] }),
        heard(el2, ''),
        heard(ru1, 'раз'),
      ],
    },
    {
      name: 'adapter',
      title: 'adapter',
      heard: [heard(es1, 'uno dos'), heard(es2, 'tres'), heard(el1, 'ένα δύο τρία'), heard(el2, 'ένα'), null],
    },
  ],
  peers: [
    {
      name: 'url',
      title: 'elsewhere',
      heard: [es1, es2, el1, el2, ru1].map((one) => heard(one, null, { trips: null })),
    },
  ],
};

describe('the report of an evaluation', () => {
  const report = evalReport(RUN, { seed: 1, resamples: 200 });

  it('has base and adapter of each language side by side', () => {
    const { languages } = report.all;
    expect(Object.keys(languages)).toEqual(['es', 'el', 'ru']);
    expect(languages['es']?.base).toMatchObject({ wer: 0.5, substitutions: 1, deletions: 1, words: 4, utterances: 2 });
    expect(languages['es']?.adapter).toMatchObject({ wer: 0.25, deletions: 1 });
    expect(languages['es']?.comparison).toMatchObject({ difference: -0.25, relative: -0.5 });
  });

  it('excludes and counts utterances without a word', () => {
    expect(report.all.languages['el']?.adapter).toMatchObject({ utterances: 1, excluded: 1, wer: 0.25 });
  });

  it('has nothing of an adapter that is not there, and compares on what both heard', () => {
    expect(report.all.languages['ru']).toMatchObject({ base: { wer: 0 }, comparison: null });
    expect(report.all.languages['ru']).not.toHaveProperty('adapter');
    expect(report.all.macro.adapter).toMatchObject({ wer: 0.25, languages: ['es', 'el'] });
    expect(report.all.macro.base?.languages).toEqual(['es', 'el', 'ru']);
    // base on es and el: 0.5 and 20 (80 words heard of 4 that were said)
    expect(report.all.macro.comparison?.difference).toBeCloseTo(0.25 - (0.5 + 20) / 2, 10);
  });

  it('counts guard trips of what is served, and loops', () => {
    expect(report.all).toMatchObject({ guardTrips: 0, loops: 0 });
    expect(report.all.pooled.base).toMatchObject({ guardTrips: 1, loops: 1 });
  });

  it('has the same for what can have been said in the time', () => {
    expect(report.spoken.languages['es']?.base).toMatchObject({ utterances: 1, wer: 0.5 });
    expect(report.spoken.languages['es']?.adapter).toMatchObject({ utterances: 1, wer: 0 });
  });

  it('has peers by the same ruler: what they did not answer is deleted', () => {
    const { url } = report.peers;
    expect(url).toMatchObject({ title: 'elsewhere' });
    expect(url?.all.pooled).toMatchObject({ wer: 1, deletions: 9, missing: 5, guardTrips: 0 });
    expect(url?.all.comparison?.difference).toBeCloseTo(-0.75, 10);
  });

  it('is JSON, with null for what has no value', () => {
    const parsed: unknown = JSON.parse(JSON.stringify(report));
    expect(parsed).toMatchObject({ all: { languages: { es: { base: { punctuationF1: null, interval: [0.5, 0.5] } } } } });
  });

  it('is a table for people', () => {
    const text = evalText(report);
    expect(text).toMatch(/utterances +base +adapter +change +p +elsewhere/);
    expect(text).toMatch(/es +2 +50\.0 \[50\.0, 50\.0\] +25\.0 \[0\.0, 50\.0\] +-50\.0 %/);
    expect(text).toMatch(/ru +1 +0\.0 \[0\.0, 0\.0\] +– +– +–/);
  });
});
