import type { Adapter } from '../../adapters/adapter.ts';
import type { Target } from '../../adapters/target.ts';
import { type RandomAdapterOptions, randomAdapter } from '../../bench/random-adapter.ts';

export const BASE = { name: 'whisper-tiny-test', digest: `sha256:${'ab'.repeat(32)}` };
export const FC1: Target = { name: 'model.encoder.layers.0.fc1', inDim: 3, outDim: 5 };
export const Q_PROJ: Target = { name: 'model.decoder.layers.0.self_attn.q_proj', inDim: 4, outDim: 4 };

export function sampleOptions(changes: Partial<RandomAdapterOptions> = {}): RandomAdapterOptions {
  return {
    name: 'spanish-stamps',
    language: 'es',
    base: BASE,
    targets: [FC1, Q_PROJ],
    rank: 1,
    scale: 0.5,
    seed: 1,
    contextPolicy: { tailPositions: 32, trainedMinMs: 300, trainedMaxMs: 15_000 },
    ...changes,
  };
}

export function sampleAdapter(changes: Partial<RandomAdapterOptions> = {}): Adapter {
  return randomAdapter(sampleOptions(changes));
}

/** The error's code, or what came instead. */
export function codeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
