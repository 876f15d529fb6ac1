import { existsSync, readdirSync } from 'node:fs';
import { FloraAsrError } from './errors.ts';
import { compileGraph } from './graph/compile-graph.ts';
import { GraphBuilder } from './graph/graph-builder.ts';
import { f32 } from './graph/tensor-type.ts';
import { type ExecutionProvider, GraphSession, tensor } from './session.ts';

export type ProviderChoice = ExecutionProvider | 'auto';

/** What runs the graphs, and why, for the log. */
export interface ChosenProvider {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/**
 * `auto` takes the first GPU provider that computes a small product rightly, else the CPU. A provider
 * that is named must work.
 * @throws FloraAsrError `provider_unavailable`, with what to install
 */
export async function chooseProvider(choice: ProviderChoice, cacheDir: string): Promise<ChosenProvider> {
  if (choice === 'cpu') return { provider: 'cpu', reason: 'chosen' };
  if (choice !== 'auto') {
    const failure = await tryProvider(choice, cacheDir);
    if (failure === null) return { provider: choice, reason: 'chosen' };
    throw new FloraAsrError(
      'provider_unavailable',
      `The execution provider "${choice}" cannot be used: ${failure} ${REMEDIES[choice]} ` +
        'Or choose --provider auto, which falls back to the CPU.',
    );
  }
  if (!hasGpuDevice()) return { provider: 'cpu', reason: 'no GPU device found' };
  const failures: string[] = [];
  for (const provider of ['cuda', 'webgpu'] as const) {
    const failure = await tryProvider(provider, cacheDir);
    if (failure === null) return { provider, reason: 'a usable GPU was found' };
    failures.push(`${provider}: ${failure}`);
  }
  return { provider: 'cpu', reason: `no GPU could be used (${failures.join('; ')})` };
}

const REMEDIES: Readonly<Record<'cuda' | 'webgpu', string>> = {
  cuda:
    'Install the NVIDIA driver, CUDA 12 and cuDNN 9, and fetch the CUDA libraries of onnxruntime-node: ' +
    'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false.',
  webgpu: 'Install a GPU driver with Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS) support.',
};

/** Asking a provider without hardware prints noise, so `auto` looks for a device first; Windows and macOS have one. */
function hasGpuDevice(): boolean {
  if (process.platform !== 'linux') return true;
  if (existsSync('/dev/nvidia0')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}

/** @returns null if the provider works, else what went wrong, as one sentence */
async function tryProvider(provider: ExecutionProvider, cacheDir: string): Promise<string | null> {
  const graph = new GraphBuilder('provider-probe');
  const x = graph.input('x', f32('rows', 2));
  const weight = graph.weight('w', f32(2, 1), () => Float32Array.of(2, 3));
  const model = await compileGraph(graph.build({ y: graph.op('MatMul', [x, weight]) }), { cacheDir, weightsDigest: 'probe' });
  try {
    const session = await GraphSession.open(model, { provider, threads: 1 });
    try {
      const { y } = await session.run({ x: tensor(Float32Array.of(1, 10), [1, 2]) }, ['y']);
      return y.data[0] === 32 ? null : 'it computes wrong results.';
    } finally {
      await session.close();
    }
  } catch (cause) {
    const root = cause instanceof FloraAsrError ? cause.cause : cause;
    return `${root instanceof Error ? root.message.split('\n')[0] : String(root)}.`;
  }
}
