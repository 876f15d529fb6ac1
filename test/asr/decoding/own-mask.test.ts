import { describe, expect, it } from 'vitest';
import { hotWordTrees } from '../../../asr/decoding/hot-words.ts';
import { decodingMasks, maskIndex } from '../../../asr/decoding/masks.ts';
import { ownMask } from '../../../asr/decoding/own-mask.ts';
import { beginRow, type RowRules, takeStep } from '../../../asr/decoding/row-decoding.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { promptTokens } from '../../../asr/whisper/prompt.ts';
import { TINY, TINY_TOKENIZER } from '../../support/tiny-whisper.ts';

const KINDS = decodingMasks(TINY);
const id = (token: number) => token as TokenId;
const RULES: RowRules = {
  prompt: promptTokens(TINY, id(42)),
  start: 0,
  prefix: [],
  endOfText: TINY.special.endOfText,
  limit: 20,
  forced: false,
  guarded: true,
  hotWords: null,
  noise: null,
};

/** The masks under which a row says these tokens: its own, or null, from the prompt's last token on. */
function masksOf(rules: Partial<RowRules>, said: readonly number[]) {
  const row = beginRow({ ...RULES, ...rules });
  const masks: (Float32Array | null)[] = [];
  for (const next of [...RULES.prompt.slice(1), ...said]) {
    masks.push(ownMask(row, KINDS)?.slice() ?? null);
    takeStep(row, { next: id(next), nextLogProb: -1, noSpeechLogProb: -1 });
  }
  return masks;
}

describe('ownMask', () => {
  it('is none while the prompt is forced, and none for a row that asks for nothing', () => {
    expect(masksOf({ noise: { seed: 1, temperature: 1 } }, [5]).slice(0, 3)).toEqual([null, null, null]);
    expect(masksOf({}, [1, 2, 3])).toEqual([null, null, null, null, null, null]);
  });

  it('adds hot words and noise to what the row’s kind leaves, anew at each step', () => {
    const hotWords = hotWordTrees(['βγ'], { encode: (text) => TINY_TOKENIZER.encode(text), unspaced: true });
    const [first, second] = masksOf({ hotWords }, [1, 4]).slice(3);
    expect([first?.[1], first?.[2], first?.[0]]).toEqual([expect.any(Number), 0, Number.NEGATIVE_INFINITY]);
    expect(first?.[1]).toBeGreaterThan(0);
    expect(second?.[2]).toBeGreaterThan(first?.[1] ?? 0);
    const noisy = masksOf({ noise: { seed: 3, temperature: 1 } }, [1, 4, 6]).slice(4);
    const further = KINDS[maskIndex('further')] ?? [];
    for (const mask of noisy) {
      expect([...(mask ?? [])].map(Number.isFinite)).toEqual([...further].map((value) => value === 0));
    }
    expect(noisy[0]).not.toEqual(noisy[1]);
  });
});
