import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CheckpointLocation } from '../../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { readConfig } from '../../../asr/weights/read-config.ts';
import { type WhisperDims, whisperTensorShapes } from '../../../asr/weights/whisper-tensors.ts';
import type { TensorSource } from '../../../kernels/tensor-source.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = temporaryFolders();
const failure = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

/** As large-v3-turbo, but narrow: more mels, a language more, fewer decoder layers. */
const DIMS: WhisperDims = {
  dim: 128,
  heads: 2,
  ffnDim: 256,
  encoderLayers: 3,
  decoderLayers: 2,
  mels: 128,
  vocab: 51_866,
  maxContext: 1500,
  maxTokens: 448,
};
const SPECIAL = ['<|endoftext|>', '<|startoftranscript|>'];
const LANGUAGES = Array.from({ length: 98 }, (_, i) => `<|${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}|>`);
const TASKS = ['<|translate|>', '<|transcribe|>', '<|startoflm|>', '<|startofprev|>', '<|nospeech|>', '<|notimestamps|>'];

/** A tokenizer of single bytes, with Whisper's special tokens where large-v3 has them. */
function tokenizer(): unknown {
  const contents = [...SPECIAL, ...LANGUAGES, '<|haw|>', '<|yue|>', ...TASKS, '<|0.00|>'];
  const printable = Array.from({ length: 94 }, (_, i) => [String.fromCharCode(33 + i), i] as const);
  return {
    added_tokens: contents.map((content, i) => ({ id: 50_257 + i, content, special: true })),
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    normalizer: null,
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries([...printable, ['Ġ', 220]]), merges: [] },
  };
}

function tensorsOf(shapes: ReadonlyMap<string, readonly number[]>): TensorSource {
  return {
    names: [...shapes.keys()],
    shape: (name) => shapes.get(name) ?? [],
    read: () => new Float32Array(0),
    close: () => undefined,
  };
}

const HUGGING_FACE = {
  model_type: 'whisper',
  d_model: 128,
  encoder_attention_heads: 2,
  decoder_attention_heads: 2,
  encoder_ffn_dim: 256,
  decoder_ffn_dim: 256,
  encoder_layers: 3,
  decoder_layers: 2,
  num_mel_bins: 128,
  vocab_size: 51_866,
  max_source_positions: 1500,
  max_target_positions: 448,
};

function locate(config: unknown, changes: Partial<CheckpointLocation> = {}): CheckpointLocation {
  const folder = makeFolder();
  const write = (name: string, content: unknown) => {
    writeFileSync(path.join(folder, name), JSON.stringify(content));
    return path.join(folder, name);
  };
  const configPath = write('config.json', config);
  return {
    name: 'whisper-test',
    format: 'ctranslate2',
    weightPaths: [path.join(folder, 'model.bin')],
    configPath,
    generationConfigPath: configPath,
    tokenizerPath: write('tokenizer.json', tokenizer()),
    digest: `sha256:${'0'.repeat(64)}`,
    ...changes,
  };
}

test('dimensions come from the tensors, tokens from the tokenizer', () => {
  const config = readConfig(locate({ alignment_heads: [[1, 1]] }), tensorsOf(whisperTensorShapes(DIMS)));
  expect(config).toMatchObject({ name: 'whisper-test', ...DIMS, alignmentHeads: [[1, 1]] });
  expect(config.languageTokens.size).toBe(100);
  expect(config.languageTokens.get('yue')).toBe(50_358);
  expect(config.special).toEqual({
    endOfText: 50_257,
    startOfTranscript: 50_258,
    translate: 50_359,
    transcribe: 50_360,
    startOfPrevious: 50_362,
    noSpeech: 50_363,
    noTimestamps: 50_364,
    timestampBegin: 50_365,
  });
  expect(config.beginSuppressTokens).toEqual([220, 50_257]);
  expect(config.suppressTokens.slice(-6)).toEqual([50_258, 50_359, 50_360, 50_361, 50_362, 50_363]);
});

test('the configuration of Hugging Face must agree with the tensors', () => {
  const tensors = tensorsOf(whisperTensorShapes(DIMS));
  const location = (config: unknown) => locate(config, { format: 'safetensors', generationConfigPath: null });
  expect(readConfig(location(HUGGING_FACE), tensors).alignmentHeads).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect(() => readConfig(location({ ...HUGGING_FACE, d_model: 64 }), tensors)).toThrow(
    failure('weights_corrupt', /config\.json: d_model is 64, but the tensors say 128/),
  );
  expect(() => readConfig(location({ ...HUGGING_FACE, model_type: 'wav2vec2' }), tensors)).toThrow(/model_type is wrong/);
});

test('a tensor that is missing or misshapen is named', () => {
  const shapes = new Map(whisperTensorShapes(DIMS));
  shapes.set('model.decoder.layers.1.fc2.bias', [3]);
  expect(() => readConfig(locate({}), tensorsOf(shapes))).toThrow(
    failure('weights_corrupt', /layers\.1\.fc2\.bias has shape \[3\], expected \[128\]/),
  );
  shapes.delete('model.decoder.layers.1.fc2.bias');
  expect(() => readConfig(locate({}), tensorsOf(shapes))).toThrow(
    failure('weights_corrupt', /layers\.1\.fc2\.bias is missing/),
  );
  expect(() => readConfig(locate({}), tensorsOf(new Map()))).toThrow(failure('weights_corrupt', /is missing/));
});

test('an English-only Whisper, and a tokenizer of another model, are refused', () => {
  const withVocab = (vocab: number) => tensorsOf(whisperTensorShapes({ ...DIMS, vocab }));
  expect(() => readConfig(locate({}), withVocab(51_864))).toThrow(failure('weights_unsupported', /English-only/));
  expect(() => readConfig(locate({}), withVocab(51_865))).toThrow(failure('weights_corrupt', /another model/));
});

test('an alignment head that does not exist is refused', () => {
  const tensors = tensorsOf(whisperTensorShapes(DIMS));
  expect(() => readConfig(locate({ alignment_heads: [[2, 0]] }), tensors)).toThrow(
    failure('weights_corrupt', /alignment head \[2, 0\]/),
  );
});

test('a checkpoint whose digest differs is not opened; both digests are told', () => {
  const location = locate({});
  writeFileSync(location.weightPaths[0] as string, 'abc');
  expect(() => openCheckpoint(location)).toThrow(
    failure('weights_corrupt', /model\.bin: expected sha256:0{64}, found sha256:ba7816bf/),
  );
});
