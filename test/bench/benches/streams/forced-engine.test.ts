import { expect, it } from 'vitest';
import { forcedTokens } from '../../../../bench/benches/streams/forced-engine.ts';

it('forces as many tokens as are said in the time, and one at least', () => {
  expect(forcedTokens(32_000, 6.6)).toBe(13);
  expect(forcedTokens(16_000, 6.4)).toBe(6);
  expect(forcedTokens(160, 6.4)).toBe(1);
});
