import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedRow } from '../../../asr/engine/decode-pool.ts';
import { crossOutputNames } from '../../../asr/whisper/encoder-graph.ts';
import { layerNames } from '../../../asr/whisper/targets.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { randomMel } from '../../support/drive-model.ts';
import { type NaiveModel, naiveEncode, naiveLinear } from '../../support/naive-whisper.ts';
import { relativeError } from '../../support/tiny-weights.ts';
import { openTinyModel, TINY, type TinyModel, tinyAdapter, tinyTensors } from '../../support/tiny-whisper.ts';

const HEAD_DIM = TINY.dim / TINY.heads;
const tensors = tinyTensors();
const adapters = [
  tinyAdapter({ name: 'near', seed: 2, scale: 0.02 }),
  tinyAdapter({ name: 'far', seed: 3, scale: 0.4, rank: (target) => (target.name.includes('fc') ? 2 : 1) }),
];

/** A row of one of the outputs, as [context][dim], beyond which its padding lies. */
function keysOrValues({ outputs, batchIndex, paddedContext, context }: EncodedRow, name: string): number[] {
  const values = outputs[name] ?? new Float32Array(0);
  return Array.from({ length: context }, (_, position) =>
    Array.from({ length: TINY.heads }, (_, head) => {
      const start = ((batchIndex * TINY.heads + head) * paddedContext + position) * HEAD_DIM;
      return [...values.subarray(start, start + HEAD_DIM)];
    }),
  ).flat(2);
}

describe('the encoder’s graph', () => {
  let tiny: TinyModel;
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters, tensors });
  });
  afterAll(async () => tiny.close());

  for (const [slot, name] of ['the base model', 'an adapter near the identity', 'a far one of rank 2'].entries()) {
    it(`gives the keys and values of plain Whisper to 1e-4, padded in a batch: ${name}`, async () => {
      const random = seededRandom(slot);
      const own = randomMel(random, { mels: TINY.mels, context: 13 });
      const longer = randomMel(random, { mels: TINY.mels, context: 30 });
      const [, row] = await tiny.encoder.encode([
        { mel: longer, adapterSlot: 2 },
        { mel: own, adapterSlot: slot },
      ]);
      const naive: NaiveModel = { config: TINY, tensors, adapter: adapters[slot - 1] ?? null };
      const hidden = naiveEncode(naive, own);
      for (const [index, layer] of layerNames('decoder', TINY.decoderLayers).entries()) {
        const names = crossOutputNames(index);
        for (const [output, projection] of [
          [names.key, 'k_proj'],
          [names.value, 'v_proj'],
        ] as const) {
          const expected = naiveLinear(naive, `${layer}.encoder_attn.${projection}`, hidden).flat();
          expect(relativeError(keysOrValues(row as EncodedRow, output), expected), output).toBeLessThan(1e-4);
        }
      }
    });
  }

  it('refuses features of an odd number of frames, or of another number of bands', async () => {
    const values = new Float32Array(TINY.mels * 5);
    const odd = tiny.encoder.encode([{ mel: { values, mels: TINY.mels, frames: 5 }, adapterSlot: 0 }]);
    await expect(odd).rejects.toMatchObject({ code: 'shape_mismatch' });
    const bands = tiny.encoder.encode([{ mel: { values, mels: 8, frames: 10 }, adapterSlot: 0 }]);
    await expect(bands).rejects.toThrow(/80 values, expected 16 × 10/);
  });
});
