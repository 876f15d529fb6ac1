import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginRow, maskToFeed, type RowRules, takeStep, tokenToFeed } from '../../../asr/decoding/row-decoding.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { END, RULES as SHORT_PROMPT } from '../../support/row-rules.ts';

const id = (value: number) => value as TokenId;
const RULES: RowRules = { ...SHORT_PROMPT, prompt: [41, 42, 51, 54].map(id) };
const step = (next: number) => ({ next: id(next), nextLogProb: -next / 100, noSpeechLogProb: Math.log(0.25) });

/** Feeds a row what the model says, one token after the other, until it ends; what was fed, and under which masks. */
function decode(rules: RowRules, model: readonly number[]) {
  const row = beginRow(rules);
  const fed: { token: TokenId; mask: string }[] = [];
  for (const next of model) {
    if (row.ending !== null) break;
    fed.push({ token: tokenToFeed(row), mask: maskToFeed(row) });
    takeStep(row, step(next));
  }
  return { row, fed };
}

describe('a row that decodes', () => {
  it('feeds its prompt whatever the model says, then what the model said', () => {
    const { row, fed } = decode(RULES, [1, 2, 3, 10, 11, 12, END]);
    expect(fed.map(({ token }) => token)).toEqual([41, 42, 51, 54, 10, 11, 12]);
    expect(row).toMatchObject({ tokens: [10, 11, 12], ending: 'end_of_text', position: 7 });
    expect(row.logProbs).toEqual([-0.1, -0.11, -0.12, -0.4]);
  });

  it('asks for anything while the prompt is forced, then for a beginning, then for text or its end', () => {
    const { fed } = decode(RULES, [1, 2, 3, 10, 11, END]);
    expect(fed.map(({ mask }) => mask)).toEqual(['free', 'free', 'free', 'first', 'further', 'further']);
  });

  it('takes the no-speech probability from start-of-transcript alone', () => {
    const row = beginRow(RULES);
    takeStep(row, { ...step(1), noSpeechLogProb: Math.log(0.75) });
    takeStep(row, { ...step(1), noSpeechLogProb: Math.log(0.1) });
    expect(row.noSpeechProb).toBeCloseTo(0.75);
  });

  it('ends at its limit, or at end-of-text before', () => {
    const limited = { ...RULES, limit: 3 };
    expect(decode(limited, [1, 2, 3, 10, 11, 12, 13]).row).toMatchObject({ tokens: [10, 11, 12], ending: 'limit' });
    expect(decode(limited, [1, 2, 3, 10, 11, END]).row).toMatchObject({ tokens: [10, 11], ending: 'end_of_text' });
  });

  it('has exactly the forced number of tokens, which is no limit it ran into', () => {
    const { row, fed } = decode({ ...RULES, limit: 3, forced: true }, [1, 2, 3, 10, 11, 12]);
    expect(row).toMatchObject({ tokens: [10, 11, 12], ending: 'end_of_text' });
    expect(fed.map(({ mask }) => mask)).toEqual(['free', 'free', 'free', 'first', 'unended', 'unended']);
  });

  it('ends before its first step where it may have no tokens', () => {
    expect(beginRow({ ...RULES, limit: 0 }).ending).toBe('limit');
  });

  it('stops in a loop, unless nobody guards it', () => {
    const loop = [1, 2, 3, ...Array.from({ length: 30 }, () => 10)];
    expect(decode(RULES, loop).row).toMatchObject({ ending: 'loop', tokens: Array.from({ length: 10 }, () => 10) });
    expect(decode({ ...RULES, guarded: false }, loop).row).toMatchObject({ ending: 'limit', position: 23 });
  });

  it('never has more tokens than its limit, nor end-of-text among them, and one log-probability for each step after the prompt', () => {
    const says = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(says, fc.nat({ max: 30 }), fc.boolean(), fc.boolean(), (model, limit, forced, guarded) => {
        const { row } = decode({ ...RULES, limit, forced, guarded }, model);
        expect(row.tokens.length).toBeLessThanOrEqual(limit);
        expect(row.tokens).not.toContain(END);
        const ended = row.ending === 'end_of_text' && !(forced && row.tokens.length === limit);
        expect(row.logProbs).toHaveLength(row.tokens.length + (ended ? 1 : 0));
      }),
    );
  });

  it('has no token to feed beyond what it generated', () => {
    const row = beginRow(RULES);
    row.position = 4;
    expect(() => tokenToFeed(row)).toThrow(/no token for position 4/);
  });
});
