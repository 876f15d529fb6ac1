import { FloraAsrError } from '../../kernels/errors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { layerNames } from '../whisper/targets.ts';

/** Whisper's attention heads have this many dimensions, whatever the model's size. */
export const HEAD_DIM = 64;

/** What the shapes of the tensors say about the model. */
export type WhisperDims = Pick<
  WhisperConfig,
  'dim' | 'heads' | 'ffnDim' | 'encoderLayers' | 'decoderLayers' | 'mels' | 'vocab' | 'maxContext' | 'maxTokens'
>;

/**
 * Reads the model's dimensions off its tensors, and checks that every tensor of such a model is there
 * in its shape.
 * @throws FloraAsrError `weights_corrupt`, naming the first tensor that is missing or misshapen
 */
export function whisperDims(tensors: TensorSource, origin: string): WhisperDims {
  const dimOf = (name: string, axis: number): number => {
    if (!tensors.names.includes(name)) throw corrupt(origin, `tensor ${name} is missing`);
    return tensors.shape(name)[axis] ?? 0;
  };
  const dim = dimOf('model.encoder.conv1.weight', 0);
  const dims: WhisperDims = {
    dim,
    heads: dim / HEAD_DIM,
    ffnDim: dimOf('model.encoder.layers.0.fc1.weight', 0),
    encoderLayers: countLayers(tensors, 'encoder'),
    decoderLayers: countLayers(tensors, 'decoder'),
    mels: dimOf('model.encoder.conv1.weight', 1),
    vocab: dimOf('model.decoder.embed_tokens.weight', 0),
    maxContext: dimOf('model.encoder.embed_positions.weight', 0),
    maxTokens: dimOf('model.decoder.embed_positions.weight', 0),
  };
  if (dim === 0 || dim % HEAD_DIM !== 0) throw corrupt(origin, `its dimension ${dim} is no multiple of ${HEAD_DIM}`);
  const names = new Set(tensors.names);
  for (const [name, expected] of whisperTensorShapes(dims)) {
    if (!names.has(name)) throw corrupt(origin, `tensor ${name} is missing`);
    const shape = tensors.shape(name);
    if (shape.join() !== expected.join()) {
      throw corrupt(origin, `tensor ${name} has shape [${shape.join(', ')}], expected [${expected.join(', ')}]`);
    }
  }
  return dims;
}

/** Every tensor that the graphs read, in Hugging Face's names. */
export function whisperTensorShapes(dims: WhisperDims): ReadonlyMap<string, readonly number[]> {
  const { dim, ffnDim } = dims;
  const linear = (name: string, [outDim, inDim]: readonly [number, number]): [string, readonly number[]][] => [
    [`${name}.weight`, [outDim, inDim]],
    [`${name}.bias`, [outDim]],
  ];
  const norm = (name: string): [string, readonly number[]][] => [
    [`${name}.weight`, [dim]],
    [`${name}.bias`, [dim]],
  ];
  const attention = (layer: string, module: string) => [
    ...['q_proj', 'v_proj', 'out_proj'].flatMap((projection) => linear(`${layer}.${module}.${projection}`, [dim, dim])),
    [`${layer}.${module}.k_proj.weight`, [dim, dim]] as [string, readonly number[]],
    ...norm(`${layer}.${module}_layer_norm`),
  ];
  const feedForward = (layer: string) => [
    ...linear(`${layer}.fc1`, [ffnDim, dim]),
    ...linear(`${layer}.fc2`, [dim, ffnDim]),
    ...norm(`${layer}.final_layer_norm`),
  ];
  return new Map([
    ['model.encoder.conv1.weight', [dim, dims.mels, 3]],
    ['model.encoder.conv1.bias', [dim]],
    ['model.encoder.conv2.weight', [dim, dim, 3]],
    ['model.encoder.conv2.bias', [dim]],
    ['model.encoder.embed_positions.weight', [dims.maxContext, dim]],
    ...layerNames('encoder', dims.encoderLayers).flatMap((layer) => [...attention(layer, 'self_attn'), ...feedForward(layer)]),
    ...norm('model.encoder.layer_norm'),
    ['model.decoder.embed_tokens.weight', [dims.vocab, dim]],
    ['model.decoder.embed_positions.weight', [dims.maxTokens, dim]],
    ...layerNames('decoder', dims.decoderLayers).flatMap((layer) => [
      ...attention(layer, 'self_attn'),
      ...attention(layer, 'encoder_attn'),
      ...feedForward(layer),
    ]),
    ...norm('model.decoder.layer_norm'),
  ]);
}

function countLayers(tensors: TensorSource, stack: 'encoder' | 'decoder'): number {
  const pattern = new RegExp(`^model\\.${stack}\\.layers\\.(\\d+)\\.`);
  const layers = tensors.names.map((name) => Number(pattern.exec(name)?.[1] ?? -1));
  return Math.max(-1, ...layers) + 1;
}

function corrupt(origin: string, problem: string): FloraAsrError {
  return new FloraAsrError('weights_corrupt', `${origin}: ${problem}.`);
}
