import { describe, expect, it } from 'vitest';
import { wordCut } from '../../../asr/streaming/long-utterance.ts';
import { recognised } from '../../support/spoken-words.ts';
import { sine } from '../audio/signals.ts';

const SECOND = 16_000;

/** Speech of words of half a second each, softer by so much for 200 ms behind some of them. */
function utterance(seconds: number, softer: Readonly<Record<number, number>> = {}) {
  const samples = sine(220, { rate: SECOND, length: seconds * SECOND });
  for (const [count, factor] of Object.entries(softer)) {
    const end = (Number(count) * SECOND) / 2;
    for (let index = end - 1_600; index < end + 1_600; index += 1) samples[index] = (samples[index] as number) * factor;
  }
  const { words } = recognised(Array.from({ length: 2 * seconds }, (_, index) => `w${index}:500`).join(' '));
  return { samples, words };
}

describe('where a long utterance is cut', () => {
  it('is nowhere before 8 s, whatever pauses there are', () => {
    expect(wordCut({ ...utterance(7, { 13: 0 }), stable: { told: 12, now: 13 } })).toBeNull();
  });

  it('is in a pause behind a stable word, once it is 8 s long', () => {
    const cut = wordCut({ ...utterance(9, { 14: 0 }), stable: { told: 13, now: 16 } });
    expect(cut?.words).toBe(14);
    expect(cut?.sample).toBeGreaterThan(6.9 * SECOND);
    expect(cut?.sample).toBeLessThan(7.1 * SECOND);
  });

  it('waits for a pause until 12 s, then takes the deepest there is', () => {
    const stable = { told: 15, now: 17 };
    expect(wordCut({ ...utterance(11, { 16: 0.5, 17: 0.7 }), stable })).toBeNull();
    expect(wordCut({ ...utterance(12, { 16: 0.5, 17: 0.7 }), stable })).toMatchObject({ words: 16 });
    expect(wordCut({ ...utterance(12), stable })).not.toBeNull();
  });

  it('never is before a word that clients were told of, nor behind one that may change', () => {
    const { samples, words } = utterance(14, { 14: 0, 20: 0 });
    const cut = wordCut({ samples, words, stable: { told: 16, now: 18 } });
    expect(cut?.words).toBeGreaterThanOrEqual(16);
    expect(cut?.words).toBeLessThanOrEqual(18);
  });

  it('is nowhere where either part would say next to nothing', () => {
    expect(wordCut({ ...utterance(14), stable: { told: 0, now: 0 } })).toBeNull();
    expect(wordCut({ ...utterance(14), stable: { told: 5, now: 9 } })).toBeNull();
    expect(wordCut({ ...utterance(14), stable: { told: 28, now: 28 } })).toBeNull();
  });
});
