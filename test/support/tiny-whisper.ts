import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import { AdapterBank } from '../../adapters/bank.ts';
import { RowFactors } from '../../adapters/row-factors.ts';
import { decodingMasks } from '../../asr/decoding/masks.ts';
import { compileModel } from '../../asr/engine/compile-model.ts';
import { planBank } from '../../asr/engine/model-plan.ts';
import type { EncoderPlan } from '../../asr/engine/open-model.ts';
import { WhisperDecoder } from '../../asr/engine/whisper-decoder.ts';
import { WhisperEncoder } from '../../asr/engine/whisper-encoder.ts';
import type { TokenId, WhisperConfig } from '../../asr/whisper/config.ts';
import { layerNames, whisperTargets } from '../../asr/whisper/targets.ts';
import type { TextTokenizer } from '../../asr/whisper/tokenizer.ts';
import { seededRandom } from '../../bench/benches/draw.ts';
import { type RandomAdapterOptions, randomAdapter } from '../../bench/random-adapter.ts';
import { int8ProductIsExact } from '../../kernels/int8-exactness.ts';
import type { Precision } from '../../kernels/layers/parameters.ts';
import { GraphSession } from '../../kernels/session.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import { memoryTensors, noise } from './tiny-weights.ts';

const token = (id: number) => id as TokenId;

/** Whisper in all its parts, small enough for a reference in plain loops. 1.92 s of audio, 48 text tokens. */
export const TINY: WhisperConfig = {
  name: 'whisper-mini',
  dim: 128,
  heads: 2,
  ffnDim: 192,
  encoderLayers: 2,
  decoderLayers: 2,
  mels: 16,
  vocab: 72,
  maxContext: 96,
  maxTokens: 96,
  alignmentHeads: [[1, 0]],
  suppressTokens: [7, 41, 42, 43, 44, 50, 51, 52, 53, 54].map(token),
  beginSuppressTokens: [0, 40].map(token),
  languageTokens: new Map([
    ['el', token(42)],
    ['es', token(43)],
    ['fr', token(44)],
  ]),
  special: {
    endOfText: token(40),
    startOfTranscript: token(41),
    translate: token(50),
    transcribe: token(51),
    startOfPrevious: token(52),
    noSpeech: token(53),
    noTimestamps: token(54),
    timestampBegin: token(55),
  },
};

export const TINY_BASE = { name: TINY.name, digest: `sha256:${'cd'.repeat(32)}` };

const FIRST_LETTER = 0x3b1;

/** One letter of a small alphabet for each token; other characters have none. */
export const TINY_TOKENIZER: TextTokenizer = {
  decode: (tokens) => tokens.map((id) => String.fromCodePoint(FIRST_LETTER + id)).join(''),
  encode: (text) =>
    Array.from(text, (letter) => (letter.codePointAt(0) ?? 0) - FIRST_LETTER)
      .filter((id) => id >= 0 && id < TINY.special.endOfText)
      .map(token),
};

/** Random weights, large enough that what is heard, and what was said, decides what is said next. */
export function tinyTensors(config: WhisperConfig = TINY, seed = 1): TensorSource {
  const random = seededRandom(seed);
  const tensors: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
  const add = (name: string, shape: readonly number[], deviation: number, centre = 0) => {
    const count = shape.reduce((product, length) => product * length, 1);
    tensors[name] = { shape, values: noise(random, count, deviation).map((value) => value + centre) };
  };
  const norm = (name: string) => {
    add(`${name}.weight`, [config.dim], 0.1, 1);
    add(`${name}.bias`, [config.dim], 0.1);
  };
  for (const { name, inDim, outDim } of allTargets(config)) {
    add(`${name}.weight`, [outDim, inDim], 1.5 / Math.sqrt(inDim));
    // Whisper's keys have no bias
    if (!name.endsWith('k_proj')) add(`${name}.bias`, [outDim], 0.1);
  }
  for (const stack of ['encoder', 'decoder'] as const) {
    const layers = layerNames(stack, stack === 'encoder' ? config.encoderLayers : config.decoderLayers);
    for (const layer of layers) {
      norm(`${layer}.self_attn_layer_norm`);
      if (stack === 'decoder') norm(`${layer}.encoder_attn_layer_norm`);
      norm(`${layer}.final_layer_norm`);
    }
    norm(`model.${stack}.layer_norm`);
  }
  add('model.encoder.conv1.weight', [config.dim, config.mels, 3], 0.3);
  add('model.encoder.conv1.bias', [config.dim], 0.1);
  add('model.encoder.conv2.weight', [config.dim, config.dim, 3], 0.1);
  add('model.encoder.conv2.bias', [config.dim], 0.1);
  add('model.encoder.embed_positions.weight', [config.maxContext, config.dim], 0.3);
  add('model.decoder.embed_positions.weight', [config.maxTokens, config.dim], 0.3);
  add('model.decoder.embed_tokens.weight', [config.vocab, config.dim], 0.3);
  // louder than the others, so that some rows end by themselves
  const { endOfText } = config.special;
  const embeddings = tensors['model.decoder.embed_tokens.weight']?.values ?? new Float32Array(0);
  for (let i = endOfText * config.dim; i < (endOfText + 1) * config.dim; i += 1) embeddings[i] = 1.5 * (embeddings[i] ?? 0);
  return memoryTensors(tensors);
}

export function allTargets(config: WhisperConfig) {
  const { encoder, decoder } = whisperTargets(config);
  return [...encoder, ...decoder];
}

/** An adapter of all targets of the tiny model, unless told otherwise. */
export function tinyAdapter(
  options: Partial<RandomAdapterOptions> & { readonly name: string; readonly seed: number },
): Adapter {
  const policy = { tailPositions: 4, trainedMinMs: 0, trainedMaxMs: 30_000 };
  const defaults = { language: null, base: TINY_BASE, targets: allTargets(TINY), rank: 1, scale: 0.3, contextPolicy: policy };
  return randomAdapter({ ...defaults, ...options });
}

export interface TinyModelOptions {
  readonly precision: Precision;
  /** in slots 1, 2, …; without any, the graphs have no factors at all */
  readonly adapters: readonly Adapter[];
  readonly tensors?: TensorSource;
  readonly config?: WhisperConfig;
}

export interface TinyModel {
  readonly encoder: WhisperEncoder;
  readonly decoder: WhisperDecoder;
  /** of both */
  readonly bank: AdapterBank;
  /** the same encoder, for another thread; its bank is empty */
  readonly encoderPlan: EncoderPlan;
  close(): Promise<void>;
}

/** Compiles the tiny model into a temporary folder and opens it. */
export async function openTinyModel(options: TinyModelOptions): Promise<TinyModel> {
  const { precision, adapters, config = TINY, tensors = tinyTensors(config) } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-tiny-'));
  const bankTargets = planBank(allTargets(config), adapters, { flora: 0, lora: 0 });
  const int8Weights = (await int8ProductIsExact(folder, 'cpu')) ? 's8' : 'u8';
  const compiled = await compileModel(
    { config, weights: tensors, weightsDigest: 'tiny' },
    { computeType: { precision, int8Weights }, bankTargets, cacheDir: folder },
  );
  const bank = new AdapterBank({ slots: adapters.length + 1, targets: bankTargets });
  for (const [index, adapter] of adapters.entries()) bank.write(index + 1, adapter);
  const session = { provider: 'cpu', threads: 1 } as const;
  const targets = whisperTargets(config);
  const encoder = new WhisperEncoder(config, {
    session: await GraphSession.open(compiled.encoder, session),
    factors: new RowFactors(bank, targets.encoder),
  });
  const decoder = new WhisperDecoder(config, {
    session: await GraphSession.open(compiled.decoder, session),
    factors: new RowFactors(bank, targets.decoder),
    masks: decodingMasks(config),
  });
  const close = async () => {
    await encoder.close();
    await decoder.close();
    await rm(folder, { recursive: true });
  };
  return {
    encoder,
    decoder,
    bank,
    encoderPlan: { config, graphPath: compiled.encoder, session, slots: bank.slots, bankTargets },
    close,
  };
}
