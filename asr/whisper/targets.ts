import type { Target } from '../../adapters/target.ts';
import type { WhisperConfig } from './config.ts';

/**
 * The linear layers an adapter may change, by the graph that holds them. The decoder's cross-attention
 * keys and values are computed once per utterance, from the encoder's output, so they stand with it.
 */
export interface WhisperTargets {
  readonly encoder: readonly Target[];
  readonly decoder: readonly Target[];
}

export function whisperTargets(config: WhisperConfig): WhisperTargets {
  const { dim, ffnDim } = config;
  const square = (name: string): Target => ({ name, inDim: dim, outDim: dim });
  const feedForward = (layer: string): readonly Target[] => [
    { name: `${layer}.fc1`, inDim: dim, outDim: ffnDim },
    { name: `${layer}.fc2`, inDim: ffnDim, outDim: dim },
  ];
  const attention = (name: string, projections: readonly string[]) =>
    projections.map((projection) => square(`${name}.${projection}`));

  const encoderLayers = layerNames('encoder', config.encoderLayers);
  const decoderLayers = layerNames('decoder', config.decoderLayers);
  return {
    encoder: [
      ...encoderLayers.flatMap((layer) => [
        ...attention(`${layer}.self_attn`, ['q_proj', 'k_proj', 'v_proj', 'out_proj']),
        ...feedForward(layer),
      ]),
      ...decoderLayers.flatMap((layer) => attention(`${layer}.encoder_attn`, ['k_proj', 'v_proj'])),
    ],
    decoder: decoderLayers.flatMap((layer) => [
      ...attention(`${layer}.self_attn`, ['q_proj', 'k_proj', 'v_proj', 'out_proj']),
      ...attention(`${layer}.encoder_attn`, ['q_proj', 'out_proj']),
      ...feedForward(layer),
    ]),
  };
}

/** `model.encoder.layers.0` … */
export function layerNames(stack: 'encoder' | 'decoder', count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `model.${stack}.layers.${index}`);
}
