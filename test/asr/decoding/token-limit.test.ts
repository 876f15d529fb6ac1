import { describe, expect, it } from 'vitest';
import { decoderRoom, tokenLimit } from '../../../asr/decoding/token-limit.ts';

const POSITIONS = { maxTokens: 448, prompt: 4 };

describe('tokenLimit', () => {
  it('is 25 tokens a second and 16 beside', () => {
    expect(tokenLimit(16_000, POSITIONS)).toBe(41);
    expect(tokenLimit(1, POSITIONS)).toBe(17);
    expect(tokenLimit(2.5 * 16_000, POSITIONS)).toBe(79);
  });

  it('is never more than the decoder has room for', () => {
    expect(tokenLimit(30 * 16_000, POSITIONS)).toBe(224);
  });
});

describe('decoderRoom', () => {
  it('is half of the decoder’s positions', () => {
    expect(decoderRoom(POSITIONS)).toBe(224);
  });

  it('is what a long prompt leaves', () => {
    expect(decoderRoom({ maxTokens: 448, prompt: 300 })).toBe(148);
  });
});
