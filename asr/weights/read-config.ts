import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { openTokenizer } from '../whisper/tokenizer.ts';
import type { CheckpointLocation } from './checkpoint-location.ts';
import { beginSuppressedTokens, suppressedTokens } from './suppressed-tokens.ts';
import { readVocabulary } from './vocabulary.ts';
import { type WhisperDims, whisperDims } from './whisper-tensors.ts';

type AlignmentHeads = WhisperConfig['alignmentHeads'];

const count = z.number().int().nonnegative();
/** CTranslate2's config.json, and Hugging Face's generation_config.json */
const alignmentSchema = z.object({ alignment_heads: z.array(z.tuple([count, count])).nullish() });
const huggingFaceSchema = z.object({
  model_type: z.literal('whisper'),
  d_model: count,
  encoder_attention_heads: count,
  decoder_attention_heads: count,
  encoder_ffn_dim: count,
  decoder_ffn_dim: count,
  encoder_layers: count,
  decoder_layers: count,
  num_mel_bins: count,
  vocab_size: count,
  max_source_positions: count,
  max_target_positions: count,
});

/**
 * Everything about a checkpoint that is not a weight. Dimensions come from the tensors' shapes, special
 * tokens from `tokenizer.json`; what the configuration files say beside that must agree.
 * @throws FloraAsrError `weights_corrupt`, `weights_unsupported` for an English-only Whisper
 */
export function readConfig(location: CheckpointLocation, tensors: TensorSource): WhisperConfig {
  const dims = whisperDims(tensors, location.weightPaths.join(', '));
  if (location.format === 'safetensors') checkHuggingFaceConfig(location.configPath, dims);
  const vocabulary = readVocabulary(location.tokenizerPath, dims.vocab);
  const tokenizer = openTokenizer(location.tokenizerPath);
  return {
    name: location.name,
    ...dims,
    alignmentHeads: readAlignmentHeads(location.generationConfigPath, dims),
    suppressTokens: suppressedTokens(tokenizer, vocabulary),
    beginSuppressTokens: beginSuppressedTokens(tokenizer, vocabulary),
    languageTokens: vocabulary.languageTokens,
    special: vocabulary.special,
  };
}

function checkHuggingFaceConfig(configPath: string, dims: WhisperDims): void {
  const config = parseFile(configPath, huggingFaceSchema);
  const expected: Readonly<Record<Exclude<keyof typeof config, 'model_type'>, number>> = {
    d_model: dims.dim,
    encoder_attention_heads: dims.heads,
    decoder_attention_heads: dims.heads,
    encoder_ffn_dim: dims.ffnDim,
    decoder_ffn_dim: dims.ffnDim,
    encoder_layers: dims.encoderLayers,
    decoder_layers: dims.decoderLayers,
    num_mel_bins: dims.mels,
    vocab_size: dims.vocab,
    max_source_positions: dims.maxContext,
    max_target_positions: dims.maxTokens,
  };
  for (const [key, fromTensors] of Object.entries(expected)) {
    const stated = config[key as keyof typeof expected];
    if (stated !== fromTensors) throw corrupt(configPath, `${key} is ${stated}, but the tensors say ${fromTensors}`);
  }
}

/** Where no file names them: all heads of the upper half of the decoder, as in openai/whisper. */
function readAlignmentHeads(file: string | null, dims: WhisperDims): AlignmentHeads {
  const stated = file === null ? null : parseFile(file, alignmentSchema).alignment_heads;
  if (stated === null || stated === undefined) {
    return Array.from({ length: dims.decoderLayers }, (_, layer) => layer)
      .slice(Math.floor(dims.decoderLayers / 2))
      .flatMap((layer) => Array.from({ length: dims.heads }, (_, head) => [layer, head] as const));
  }
  const wrong = stated.find(([layer, head]) => layer >= dims.decoderLayers || head >= dims.heads);
  if (wrong === undefined) return stated;
  throw corrupt(
    file ?? '',
    `alignment head [${wrong.join(', ')}] is not among ${dims.decoderLayers} decoder layers of ${dims.heads} heads`,
  );
}

function parseFile<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw corrupt(file, `it cannot be read as JSON (${(cause as Error).message})`, cause);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw corrupt(file, `${issue?.path.join('.') || 'the file'} is wrong: ${issue?.message}`, parsed.error);
}

function corrupt(file: string, problem: string, cause?: unknown): FloraAsrError {
  return new FloraAsrError('weights_corrupt', `${file}: ${problem}.`, { cause });
}
