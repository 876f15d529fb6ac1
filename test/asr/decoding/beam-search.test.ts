import { describe, expect, it } from 'vitest';
import {
  type BeamStep,
  bestHypothesis,
  choicesFor,
  extendBeam,
  type Hypothesis,
  isSettled,
} from '../../../asr/decoding/beam-search.ts';
import { beginRow, type RowRules, takeStep } from '../../../asr/decoding/row-decoding.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { END, RULES } from '../../support/row-rules.ts';

const id = (value: number) => value as TokenId;

/** A text so far, at the step after its last token. */
function said(tokens: readonly number[], score: number, rules: Partial<RowRules> = {}): Hypothesis {
  const decoding = beginRow({ ...RULES, ...rules });
  for (const token of tokens) takeStep(decoding, { next: id(token), nextLogProb: -0.1, noSpeechLogProb: -5 });
  return { decoding, score };
}

function step(choices: readonly (readonly [token: number, logProb: number, favour?: number])[]): BeamStep {
  return {
    choices: choices.map(([token, logProb, favour = 0]) => ({ token: id(token), logProb, score: logProb + favour })),
    noSpeechLogProb: -5,
  };
}

const summary = (extension: ReturnType<typeof extendBeam>) => ({
  live: extension.live.map(({ from, hypothesis }) => [from, hypothesis.decoding.tokens, hypothesis.score]),
  ended: extension.ended.map(({ decoding, score }) => [decoding.tokens, score]),
});

describe('extendBeam', () => {
  it('takes the likeliest token alone where the beam has one hypothesis', () => {
    const greedy = extendBeam([said([1], -1)], [step([[2, -0.5]])], 1);
    expect(summary(greedy)).toEqual({ live: [[0, [1, 2], -1.5]], ended: [] });
    const end = extendBeam([said([1], -1)], [step([[END, -0.5]])], 1);
    expect(summary(end)).toEqual({ live: [], ended: [[[1], -1.5]] });
  });

  it('goes on with the likeliest ways of all hypotheses, by what they have together', () => {
    const beam = [said([1], -1), said([2], -1.2)];
    const extension = extendBeam(
      beam,
      [
        step([
          [3, -2],
          [4, -2.5],
          [5, -3],
        ]),
        step([
          [6, -0.1],
          [7, -0.2],
          [8, -9],
        ]),
      ],
      2,
    );
    expect(summary(extension)).toEqual({
      live: [
        [1, [2, 6], -1.3],
        [1, [2, 7], -1.4],
      ],
      ended: [],
    });
    // what goes on from the same text does not share it
    const [left, right] = extension.live;
    expect(left?.hypothesis.decoding.logProbs).toEqual([-0.1, -0.1]);
    expect(right?.hypothesis.decoding.logProbs).toEqual([-0.1, -0.2]);
  });

  it('ends the texts that are likelier than the last way on, and no others', () => {
    const steps = [
      step([
        [END, -0.1],
        [3, -0.2],
        [4, -0.3],
      ]),
      step([
        [5, -0.1],
        [6, -0.4],
        [END, -0.9],
      ]),
    ];
    expect(summary(extendBeam([said([1], -1), said([2], -1)], steps, 2))).toEqual({
      live: [
        [1, [2, 5], -1.1],
        [0, [1, 3], -1.2],
      ],
      ended: [[[1], -1.1]],
    });
  });

  it('drops what is far less likely than the likeliest way on', () => {
    const steps = [
      step([
        [3, -0.1],
        [4, -4],
        [END, -4.2],
      ]),
    ];
    expect(summary(extendBeam([said([1], 0)], steps, 3))).toEqual({
      live: [
        [0, [1, 3], -0.1],
        [0, [1, 4], -4],
      ],
      ended: [],
    });
  });

  it('drops all that is far less likely than a text that has ended before', () => {
    const steps = [step([[3, -1]])];
    const extend = (score: number) => extendBeam([said([1], -4)], steps, 2, [said([2], score)]);
    expect(summary(extend(-1.1)).live).toEqual([[0, [1, 3], -5]]);
    expect(summary(extend(-0.9))).toEqual({ live: [], ended: [] });
  });

  it('prefers the earlier hypothesis between equals', () => {
    const steps = [step([[3, -1]]), step([[4, -1]])];
    expect(summary(extendBeam([said([1], -1), said([2], -1)], steps, 2)).live.map(([from]) => from)).toEqual([0, 1]);
  });

  it('compares by what favours a token, and keeps the model’s own log-probability', () => {
    const [first] = extendBeam(
      [said([], 0)],
      [
        step([
          [3, -3, 4],
          [4, -0.5],
          [5, -2],
        ]),
      ],
      2,
    ).live;
    expect(first?.hypothesis).toMatchObject({ score: 1, decoding: { tokens: [3], logProbs: [-3] } });
  });

  it('goes one way only while tokens are forced, which no text gains by', () => {
    const rules = { prompt: [id(41), id(42)], prefix: [id(7), id(8)] };
    const unasked = step([[0, Number.NaN]]);
    const prompted = extendBeam([said([], 0, rules)], [unasked], 2);
    expect(summary(prompted).live).toEqual([[0, [], 0]]);
    const prefixed = extendBeam([said([42, 7], 0, rules)], [step([[8, -4]])], 2);
    expect(summary(prefixed).live).toEqual([[0, [7, 8], 0]]);
  });

  it('asks for as many choices as the beam is wide, and one that may end a text', () => {
    expect([1, 2, 5].map(choicesFor)).toEqual([1, 3, 6]);
  });
});

describe('a search', () => {
  const ended = (tokens: readonly number[], score: number, rules: Partial<RowRules> = {}) => said(tokens, score, rules);

  it('is over when as many texts have ended as the beam is wide, or nothing goes on', () => {
    const text = said([1], -1);
    expect(isSettled([text, text], [text], 2)).toBe(false);
    expect(isSettled([text, text], [text, text], 2)).toBe(true);
    expect(isSettled([], [text], 2)).toBe(true);
  });

  it('takes the text that is likeliest for each of its tokens', () => {
    const short = ended([1, END], -1);
    const long = ended([1, 2, 3, END], -1.6);
    expect(bestHypothesis([short, long])).toBe(long.decoding);
    expect(bestHypothesis([ended([1, END], -0.7), long]).tokens).toEqual([1]);
  });

  it('takes a text that ends by itself before one that is cut off, or loops', () => {
    const cut = ended([1, 2], -0.1, { limit: 2 });
    expect(cut.decoding.ending).toBe('limit');
    const complete = ended([1, END], -5);
    expect(bestHypothesis([cut, complete])).toBe(complete.decoding);
    expect(bestHypothesis([cut])).toBe(cut.decoding);
  });

  it('does not count the tokens of a prefix, which it did not choose', () => {
    const rules = { prefix: [7, 8, 9].map(id) };
    expect(bestHypothesis([ended([7, 8, 9, 1, END], -2, rules), ended([7, 8, 9, END], -1.1, rules)]).tokens).toHaveLength(4);
  });

  it('has no text where none has ended', () => {
    expect(() => bestHypothesis([])).toThrow(/No text has ended/);
  });
});
