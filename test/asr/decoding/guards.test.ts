import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressionRatio, guardTrip, type Hypothesis, loopPeriod, withoutLoop } from '../../../asr/decoding/guards.ts';

const said: Hypothesis = { text: 'a sentence', tokenLogProbs: [-0.2, -0.3], noSpeechProb: 0.01, ending: 'end_of_text' };
/** `unit` over and over, `length` tokens in all. */
const repeated = (unit: readonly number[], length: number) =>
  Array.from({ length }, (_, index) => unit[index % unit.length] as number);
const units = fc.uniqueArray(fc.nat({ max: 50_000 }), { minLength: 1, maxLength: 24 });

describe('loopPeriod', () => {
  it('leaves people their repeats: no no no no, ha ha ha, bye bye bye bye', () => {
    expect(loopPeriod([5, 5, 5, 5])).toBe(0);
    expect(loopPeriod([9, 8, 7, 7, 7])).toBe(0);
    expect(loopPeriod(repeated([3], 9))).toBe(0);
    expect(loopPeriod(repeated([3, 4], 8))).toBe(0);
    expect(loopPeriod(repeated([1, 2, 3, 4, 5], 20))).toBe(0);
  });

  it('finds a loop of any period up to 24 tokens at its fifth turn, and not before', () => {
    fc.assert(
      fc.property(units, fc.array(fc.integer({ min: 60_000, max: 70_000 }), { maxLength: 20 }), (unit, before) => {
        const needed = Math.max(5 * unit.length, 10);
        expect(loopPeriod([...before, ...repeated(unit, needed)])).toBe(unit.length);
        expect(loopPeriod([...before, ...repeated(unit, needed - 1)])).toBe(0);
      }),
    );
  });

  it('sees no loop that has ended', () => {
    expect(loopPeriod([...repeated([3, 4], 20), 9])).toBe(0);
  });

  it('sees no loop in what never repeats', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { maxLength: 224 }), (tokens) => {
        expect(loopPeriod(tokens)).toBe(0);
      }),
    );
  });
});

describe('withoutLoop', () => {
  it('says what came before the loop, and the loop’s words once', () => {
    fc.assert(
      fc.property(
        units,
        fc.array(fc.integer({ min: 60_000, max: 70_000 }), { maxLength: 20 }),
        fc.nat({ max: 30 }),
        (unit, before, more) => {
          const tokens = [...before, ...repeated(unit, Math.max(5 * unit.length, 10) + more)];
          expect(withoutLoop(tokens, loopPeriod(tokens))).toEqual([...before, ...unit]);
        },
      ),
    );
  });

  it('leaves tokens without a loop alone', () => {
    expect(withoutLoop([1, 2, 3], 0)).toEqual([1, 2, 3]);
  });
});

describe('compressionRatio', () => {
  it('is 0 of no text, low of speech and high of a loop', () => {
    expect(compressionRatio('')).toBe(0);
    expect(compressionRatio('La vieja muñeca de trapo de la abuela.')).toBeLessThan(1.2);
    expect(compressionRatio('el gato y el perro '.repeat(10))).toBeGreaterThan(2.4);
  });

  it('agrees with Python’s zlib, as openai/whisper computes it', () => {
    // len(t.encode()) / len(zlib.compress(t.encode())) for t = 'Ну и ну! ' * 6
    expect(compressionRatio('Ну и ну! '.repeat(6))).toBeCloseTo(84 / 26, 1);
  });
});

describe('guardTrip', () => {
  it('believes what people say, genuine repeats included', () => {
    for (const text of ['', 'no no no no', 'ha ha ha', '¡No, no, no, no, no!', 'Όχι, όχι, όχι.', 'bye bye, bye bye']) {
      expect(guardTrip({ ...said, text }), text).toBeNull();
    }
  });

  it('does not believe a loop, in tokens or in text', () => {
    expect(guardTrip({ ...said, ending: 'loop' })).toBe('repetition');
    expect(guardTrip({ ...said, text: 'el gato y el perro '.repeat(10) })).toBe('repetition');
  });

  it('does not believe more than can be said in the time', () => {
    expect(guardTrip({ ...said, ending: 'limit' })).toBe('length');
  });

  it('takes a row for silence only if the model says so and is unsure of its words', () => {
    const silent = { ...said, noSpeechProb: 0.9, tokenLogProbs: [-1.5, -2] };
    expect(guardTrip(silent)).toBe('silence');
    expect(guardTrip({ ...silent, ending: 'loop' })).toBe('silence');
    expect(guardTrip({ ...silent, tokenLogProbs: [-0.1, -0.2] })).toBeNull();
    expect(guardTrip({ ...silent, noSpeechProb: 0.5, tokenLogProbs: [-1.2, -1.4] })).toBeNull();
    expect(guardTrip({ ...silent, noSpeechProb: 0.5 })).toBe('silence');
    expect(guardTrip({ ...silent, noSpeechProb: 0.3 })).toBeNull();
    expect(guardTrip({ ...silent, tokenLogProbs: [] })).toBeNull();
  });
});
