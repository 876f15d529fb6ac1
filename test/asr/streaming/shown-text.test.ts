import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartialPolicy, DEFAULT_POLICY } from '../../../asr/streaming/partial-policy.ts';
import { NOTHING_SHOWN, type ShownText, showResult } from '../../../asr/streaming/shown-text.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { recognised } from '../../support/spoken-words.ts';

const AGREEMENT = createPartialPolicy({ kind: 'agreement', spanMs: 0, confidence: 0 });
const DEFAULT = createPartialPolicy(DEFAULT_POLICY);
const ATTENTION = createPartialPolicy({ kind: 'attention', marginMs: 400, confidence: 0 });

/** Heard for half a second after the last word, and each for a tenth more than the one before. */
function shownAfter(written: readonly string[], policy = AGREEMENT, start: ShownText = NOTHING_SHOWN): ShownText {
  return written.reduce((shown, words, index) => {
    const result = recognised(words);
    return showResult(shown, result, { heardMs: (result.words.at(-1)?.endMs ?? 0) + 500 + 100 * index, policy });
  }, start);
}

describe('what an utterance shows', () => {
  it('is the last hypothesis, and keeps the tokens of what has become stable', () => {
    const shown = shownAfter(['el perro', 'el perro corre', 'el perro corre mucho']);
    expect(shown.text).toBe('el perro corre mucho');
    expect(shown.stable.text).toBe('el perro corre');
    expect(shown.stable.tokens).toEqual(recognised('el perro corre').tokens);
    expect(shown.words).toHaveLength(4);
  });

  it('leaves what is stable as it is, though a later hypothesis agrees on less', () => {
    const shown = shownAfter(['el perro corre', 'el perro corre', 'el perro corre mucho', 'el perro corre poco']);
    expect([shown.text, shown.stable.text]).toEqual(['el perro corre poco', 'el perro corre']);
  });

  it('still shows a stable word that is now thought to be said at the end of the audio', () => {
    const before = shownAfter(['el perro corre', 'el perro corre']);
    const later = recognised('el perro corre');
    const shown = showResult(before, later, { heardMs: later.words.at(-1)?.endMs ?? 0, policy: AGREEMENT });
    expect([shown.text, shown.stable.text]).toEqual(['el perro corre', 'el perro corre']);
  });

  it('goes on showing words that the model has become less sure of, while it says them', () => {
    const said = recognised('el perro corre');
    const unsure = { ...said, words: said.words.map((word) => ({ ...word, probability: 0.1 })) };
    const before = showResult(NOTHING_SHOWN, said, { heardMs: 1_000, policy: DEFAULT });
    expect([before.text, before.stable.text]).toEqual(['el perro corre', '']);
    expect(showResult(before, unsure, { heardMs: 1_200, policy: DEFAULT }).text).toBe('el perro corre');
    expect(showResult(NOTHING_SHOWN, unsure, { heardMs: 1_200, policy: DEFAULT }).text).toBe('');
  });

  it('shows the whole of a word that a stable one turns out to begin', () => {
    const before = shownAfter(['el som el', 'el som la']);
    const [el, som] = before.hypothesis?.words ?? [];
    expect(before.stable.text).toBe('el som');
    const tokens = [...before.stable.tokens, 77 as TokenId];
    const sombrero = { text: ' sombrero', startMs: 300, endMs: 900, probability: 0.5, firstToken: 2, endToken: 5 };
    const result = { words: el && som ? [el, sombrero] : [], tokens, trips: [] };
    const shown = showResult(before, result, { heardMs: 900, policy: AGREEMENT });
    expect([shown.text, shown.stable.text]).toEqual(['el sombrero', 'el som']);
  });

  it('is not changed by what a guard does not believe, nor by what does not begin with the stable text', () => {
    const before = shownAfter(['el perro', 'el perro corre']);
    const unbelieved = recognised('el perro corre mucho', ['repetition']);
    for (const result of [unbelieved, recognised('un perro'), recognised(''), { ...unbelieved, trips: [], words: null }]) {
      expect(showResult(before, result, { heardMs: 5_000, policy: AGREEMENT })).toBe(before);
    }
  });

  it('has neither shown nor stable what is not a whole character', () => {
    const broken = recognised('el perro corre');
    const words = broken.words.map((word, index) => (index === 1 ? { ...word, text: ' perr\uFFFD' } : word));
    const shown = showResult(NOTHING_SHOWN, { ...broken, words }, { heardMs: 5_000, policy: ATTENTION });
    expect([shown.text, shown.stable.text]).toEqual(['el', 'el']);
  });

  it('shows a repetition, but does not make it stable', () => {
    const shown = shownAfter(['no no no no', 'no no no no no'], ATTENTION);
    expect([shown.text, shown.stable.text]).toEqual(['no no no no no', 'no']);
    expect(shownAfter(['no no no otra'], ATTENTION).stable.text).toBe('no no no otra');
  });

  it('only ever lengthens its stable text, which is always shown', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'dd', 'no'), { maxLength: 6 });
    const heard = fc.record({ words, afterMs: fc.constantFrom(0, 50, 200, 600) });
    const policies = fc.constantFrom(AGREEMENT, ATTENTION, DEFAULT);
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 12 }), policies, (hypotheses, policy) => {
        let shown = NOTHING_SHOWN;
        for (const { words: further, afterMs } of hypotheses) {
          // a row goes on from its prefix
          const result = recognised([shown.stable.text, ...further].join(' '));
          const next = showResult(shown, result, { heardMs: (result.words.at(-1)?.endMs ?? 0) + afterMs, policy });
          expect(next.stable.text.startsWith(shown.stable.text)).toBe(true);
          expect(next.text.startsWith(next.stable.text)).toBe(true);
          expect(result.tokens.slice(0, next.stable.tokens.length)).toEqual(next.stable.tokens);
          shown = next;
        }
      }),
    );
  });
});
