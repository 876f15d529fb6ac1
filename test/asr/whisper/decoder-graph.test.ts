import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodingMasks, maskIndex } from '../../../asr/decoding/masks.ts';
import { alignmentOrder } from '../../../asr/whisper/decoder-graph.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { driveModel, randomMel } from '../../support/drive-model.ts';
import { type NaiveModel, naiveDecode, naiveDecoderStates, naiveEncode } from '../../support/naive-whisper.ts';
import { relativeError } from '../../support/tiny-weights.ts';
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
      const [trace] = await driveModel(tiny, { config: TINY, rows: [{ mel, adapterSlot: slot, tokens, joins: 0 }] });
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

  it('takes the best token that a row’s mask leaves, that of its kind or one of its own, and the model’s own probability of it', async () => {
    const random = seededRandom(9);
    const mel = randomMel(random, { mels: TINY.mels, context: 17 });
    const tokens = Array.from({ length: 12 }, () => Math.floor(random() * TINY.vocab));
    const kinds = ['first', 'free', 'unended', 'further', 'further'] as const;
    const ownMask = Float32Array.from({ length: TINY.vocab }, () => 8 * random());
    const rows = kinds.map((mask, index) => ({
      mel,
      adapterSlot: 0,
      tokens,
      joins: 0,
      mask,
      ...(index % 4 === 0 ? { ownMask } : {}),
    }));
    const traces = await driveModel(tiny, { config: TINY, rows });
    const naive: NaiveModel = { config: TINY, tensors, adapter: null };
    const reference = naiveDecode(naive, naiveEncode(naive, mel), tokens);
    const masks = decodingMasks(TINY);
    for (const [row, kind] of kinds.entries()) {
      const mask = rows[row]?.ownMask ?? masks[maskIndex(kind)] ?? [];
      for (const [position, logits] of reference.entries()) {
        const chosen = traces[row]?.nextTokens[position] ?? -1;
        const masked = logits.map((logit, token) => logit + (mask[token] ?? 0));
        expect(Math.max(...masked) - (masked[chosen] ?? Number.NaN), kind).toBeLessThan(1e-4);
        const logProb = logSoftmax(logits)[chosen] ?? Number.NaN;
        expect(Math.abs((traces[row]?.nextLogProbs[position] ?? Number.NaN) - logProb), kind).toBeLessThan(1e-4);
      }
    }
  });

  it('tells the languages’ log-probabilities, and what alignment heads look for, in the order of their layers', async () => {
    const random = seededRandom(11);
    const config = {
      ...TINY,
      alignmentHeads: [
        [1, 1],
        [0, 1],
        [1, 0],
      ] as const,
    };
    const mel = randomMel(random, { mels: TINY.mels, context: 17 });
    const tokens = Array.from({ length: 9 }, () => Math.floor(random() * TINY.vocab));
    const several = await openTinyModel({ precision: 'fp32', adapters: [], tensors, config });
    try {
      const [trace] = await driveModel(several, { config, rows: [{ mel, adapterSlot: 0, tokens, joins: 0 }] });
      const naive: NaiveModel = { config, tensors, adapter: null };
      const hidden = naiveEncode(naive, mel);
      const layers: (readonly (readonly number[])[])[] = [];
      naiveDecoderStates(naive, hidden, tokens, layers);
      expect(alignmentOrder(config)).toEqual([
        [0, 1],
        [1, 1],
        [1, 0],
      ]);
      const headDim = TINY.dim / TINY.heads;
      for (const [position, logits] of naiveDecode(naive, hidden, tokens).entries()) {
        const queries = alignmentOrder(config).flatMap(([layer, head]) =>
          (layers[layer]?.[position] ?? []).slice(head * headDim, (head + 1) * headDim),
        );
        expect(relativeError(trace?.queries[position] ?? [], queries)).toBeLessThan(1e-4);
        const expected = [...TINY.languageTokens.values()].map((token) => logSoftmax(logits)[token] ?? 0);
        expect(relativeError(trace?.languageLogProbs[position] ?? [], expected)).toBeLessThan(1e-4);
      }
    } finally {
      await several.close();
    }
  });
});
