import { describe, expect, it } from 'vitest';
import { batchesByLanguage, type PeerUtterance } from '../../bench/peers/faster-whisper.ts';

const samples = new Float32Array(1);

describe("the peer's batches", () => {
  it('hold one language each, similar token caps together', () => {
    const utterances: PeerUtterance[] = [
      { samples, language: 'es', maxNewTokens: 9 },
      { samples, language: 'el', maxNewTokens: 5 },
      { samples, language: 'es' },
      { samples, language: 'es', maxNewTokens: 3 },
    ];
    const batches = batchesByLanguage(utterances, 2);
    const caps = batches.map((batch) => batch.map(({ language, maxNewTokens }) => [language, maxNewTokens]));
    expect(caps).toEqual([
      [
        ['es', 3],
        ['es', 9],
      ],
      [['es', undefined]],
      [['el', 5]],
    ]);
  });
});
