import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodingMasks, maskIndex } from '../../../asr/decoding/masks.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { driveModel, randomMel } from '../../support/drive-model.ts';
import { type NaiveModel, naiveDecode, naiveEncode } from '../../support/naive-whisper.ts';
import { openTinyModel, TINY, type TinyModel, tinyAdapter, tinyTensors } from '../../support/tiny-whisper.ts';

const tensors = tinyTensors();
const adapters = [
  tinyAdapter({ name: 'near', seed: 2, scale: 0.02 }),
  tinyAdapter({ name: 'far', seed: 3, scale: 0.4, rank: (target) => (target.name.includes('fc') ? 2 : 1) }),
];
/** Longer than the cache's first 32 places. */
const TOKENS = 40;

function logSoftmax(logits: readonly number[]): readonly number[] {
  const largest = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
  return logits.map((logit) => logit - total);
}

describe('the decoder’s graph', () => {
  let tiny: TinyModel;
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters, tensors });
  });
  afterAll(async () => tiny.close());

  for (const [slot, name] of ['the base model', 'an adapter near the identity', 'a far one of rank 2'].entries()) {
    it(`says at each token what plain Whisper says, to 1e-4 in log-probability: ${name}`, async () => {
      const random = seededRandom(slot);
      const mel = randomMel(random, { mels: TINY.mels, context: 17 });
      const tokens = Array.from({ length: TOKENS }, () => Math.floor(random() * TINY.vocab));
      const [trace] = await driveModel(tiny.model, { config: TINY, rows: [{ mel, adapterSlot: slot, tokens, joins: 0 }] });
      const naive: NaiveModel = { config: TINY, tensors, adapter: adapters[slot - 1] ?? null };
      for (const [position, logits] of naiveDecode(naive, naiveEncode(naive, mel), tokens).entries()) {
        const logProbs = logSoftmax(logits);
        const best = Math.max(...logProbs);
        expect(Math.abs((trace?.nextLogProbs[position] ?? Number.NaN) - best)).toBeLessThan(1e-4);
        expect(
          Math.abs((trace?.noSpeechLogProbs[position] ?? Number.NaN) - (logProbs[TINY.special.noSpeech] ?? 0)),
        ).toBeLessThan(1e-4);
        // of two nearly equal tokens it may take either
        expect(best - (logProbs[trace?.nextTokens[position] ?? -1] ?? Number.NaN)).toBeLessThan(1e-4);
      }
    });
  }

  it('takes the best token that a row’s own mask leaves, and its probability among those', async () => {
    const random = seededRandom(9);
    const mel = randomMel(random, { mels: TINY.mels, context: 17 });
    const tokens = Array.from({ length: 12 }, () => Math.floor(random() * TINY.vocab));
    const kinds = ['first', 'free', 'unended', 'further'] as const;
    const rows = kinds.map((mask) => ({ mel, adapterSlot: 0, tokens, joins: 0, mask }));
    const traces = await driveModel(tiny.model, { config: TINY, rows });
    const naive: NaiveModel = { config: TINY, tensors, adapter: null };
    const reference = naiveDecode(naive, naiveEncode(naive, mel), tokens);
    const masks = decodingMasks(TINY);
    for (const [row, kind] of kinds.entries()) {
      const mask = masks[maskIndex(kind)] ?? [];
      for (const [position, logits] of reference.entries()) {
        const logProbs = logSoftmax(logits.map((logit, token) => logit + (mask[token] ?? 0)));
        const best = Math.max(...logProbs);
        expect(Math.abs((traces[row]?.nextLogProbs[position] ?? Number.NaN) - best), kind).toBeLessThan(1e-4);
        expect(best - (logProbs[traces[row]?.nextTokens[position] ?? -1] ?? Number.NaN), kind).toBeLessThan(1e-4);
      }
    }
  });
});
