import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileModel, QUANTISATION } from '../../../asr/engine/compile-model.ts';
import { measureInputPeaks } from '../../../asr/engine/measure-input-peaks.ts';
import { generatedFeatures } from '../../../asr/features/generated-features.ts';
import { quantiseWeight, quantiseWeightInBlocks, smoothingFactors } from '../../../kernels/layers/quantise-weight.ts';
import { uniform } from '../../../kernels/uniform.ts';
import { naiveEncode } from '../../support/naive-whisper.ts';
import { TINY, tinyTensors } from '../../support/tiny-whisper.ts';

const weights = tinyTensors();
const base = { config: TINY, weights, weightsDigest: 'tiny' };

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-compile-'));
});
afterEach(async () => rm(cacheDir, { recursive: true }));

describe('measureInputPeaks', () => {
  it('tells the largest magnitude of each channel that the generated rows make, and leaves nothing behind', async () => {
    const peaks = await measureInputPeaks(base, { cacheDir, weightsDigest: 'tiny' });
    const random = uniform(0);
    const expected = new Float32Array(TINY.dim);
    for (let row = 0; row < 6; row += 1) {
      const mel = generatedFeatures(random, { mels: TINY.mels, frames: 2 * TINY.maxContext });
      for (const position of naiveEncode({ config: TINY, tensors: weights, adapter: null }, mel)) {
        for (const [channel, value] of position.entries()) {
          expected[channel] = Math.max(expected[channel] as number, Math.abs(value));
        }
      }
    }
    const measured = peaks.get('model.decoder.layers.1.encoder_attn.v_proj') ?? new Float32Array();
    expect(measured).toHaveLength(TINY.dim);
    for (const [channel, peak] of measured.entries()) expect(peak).toBeCloseTo(expected[channel] as number, 3);
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

describe('QUANTISATION', () => {
  it('is another number where other numbers are made of weights: raise it, and write down what they are now', () => {
    const random = uniform(1);
    const weight = Float32Array.from({ length: 6 * 40 }, () => random() - 0.5);
    const peaks = Float32Array.from({ length: 40 }, () => 10 * random());
    const [byRow, byBlock] = [quantiseWeight(weight, 6, 40), quantiseWeightInBlocks(weight, 6, 40)];
    const made = createHash('sha256');
    const numbers = [byRow.values, byRow.scales, byBlock.values, byBlock.scales, smoothingFactors(weight, peaks)];
    for (const array of [...numbers, generatedFeatures(random, { mels: 8, frames: 200 }).values]) made.update(array);
    expect(`${QUANTISATION}: ${made.digest('hex').slice(0, 16)}`).toBe('1: ac463a76c66e8391');
  });
});

describe('compileModel', () => {
  const graphsWritten = async (precision: 'fp32' | 'int8', int8Weights: 's8' | 'u8' = 's8') => {
    const written = new Set<string>();
    const onProgress = ({ graph }: { readonly graph: string }) => written.add(graph);
    await compileModel(base, { computeType: { precision, int8Weights }, bankTargets: [], cacheDir, onProgress });
    return [...written];
  };

  it('measures the base model before it writes an int8 encoder, and not again when that is there', async () => {
    const [first, second] = [await graphsWritten('int8'), await graphsWritten('int8')];
    expect(first).toEqual(['whisper-mini-input-peaks', 'whisper-mini-encoder', 'whisper-mini-decoder']);
    expect(second).toEqual([]);
  });

  it('writes both graphs for a CPU whose product of u8 and s8 saturates, whichever of them is there', async () => {
    expect(await graphsWritten('int8', 'u8')).toEqual([
      'whisper-mini-input-peaks',
      'whisper-mini-encoder',
      'whisper-mini-decoder',
    ]);
    for (const folder of await readdir(cacheDir)) {
      if (folder.startsWith('whisper-mini-decoder')) await rm(path.join(cacheDir, folder), { recursive: true });
    }
    expect(await graphsWritten('int8', 'u8')).toEqual(['whisper-mini-decoder']);
  });

  it('has nothing to measure for fp32', async () => {
    expect(await graphsWritten('fp32')).toEqual(['whisper-mini-encoder', 'whisper-mini-decoder']);
  });
});
