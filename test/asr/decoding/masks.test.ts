import { describe, expect, it } from 'vitest';
import { decodingMasks, MASK_KINDS, type MaskKind, maskIndex } from '../../../asr/decoding/masks.ts';
import { TINY } from '../../support/tiny-whisper.ts';

const { endOfText, timestampBegin } = TINY.special;
const masks = decodingMasks(TINY);
const blocked = (kind: MaskKind) =>
  [...(masks[maskIndex(kind)] ?? [])].flatMap((value, token) => (value === Number.NEGATIVE_INFINITY ? [token] : []));
const timestamps = Array.from({ length: TINY.vocab - timestampBegin }, (_, index) => timestampBegin + index);
const sorted = (tokens: readonly number[]) => [...new Set(tokens)].toSorted((left, right) => left - right);

describe('decodingMasks', () => {
  it('has a row of the vocabulary’s length for each kind, of 0 and −∞ only', () => {
    expect(masks.map((mask) => mask.length)).toEqual(MASK_KINDS.map(() => TINY.vocab));
    for (const mask of masks) expect([...mask].every((value) => value === 0 || value === Number.NEGATIVE_INFINITY)).toBe(true);
  });

  it('blocks nothing while the prompt is forced, so that the no-speech probability is the model’s own', () => {
    expect(blocked('free')).toEqual([]);
  });

  it('blocks suppressed tokens and timestamps, and at first a blank and end-of-text', () => {
    expect(blocked('further')).toEqual(sorted([...TINY.suppressTokens, ...timestamps]));
    expect(blocked('first')).toEqual(sorted([...TINY.suppressTokens, ...TINY.beginSuppressTokens, ...timestamps]));
  });

  it('blocks end-of-text where the length is forced', () => {
    expect(blocked('unended')).toEqual(sorted([...TINY.suppressTokens, endOfText, ...timestamps]));
  });
});
