import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type CompileOptions, compileGraph } from '../../kernels/graph/compile-graph.ts';
import { type BoundaryTensor, floats, GraphSession, tensor } from '../../kernels/session.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import { uniform } from '../../kernels/uniform.ts';
import { FRAMES_PER_POSITION } from '../features/context.ts';
import { generatedFeatures } from '../features/generated-features.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { encoderFeeds } from '../whisper/encoder-feeds.ts';
import { inputPeaksGraph } from '../whisper/input-peaks-graph.ts';

/** The largest magnitude of each channel of a layer's input, by the layer's name. */
export type MeasuredPeaks = ReadonlyMap<string, Float32Array>;

/** Enough that every channel has been as large as it gets; a second of one core with Whisper base. */
const ROWS = 6;
const POSITIONS = 256;

/**
 * Runs the base model's encoder in fp32 over generated features, and sees how large its layers' inputs get. The graph is
 * deleted afterwards.
 * @throws FloraAsrError `graph_invalid`, `cache_unwritable`, `weights_corrupt`, `engine_failed`
 */
export async function measureInputPeaks(
  { config, weights }: { readonly config: WhisperConfig; readonly weights: TensorSource },
  options: CompileOptions,
): Promise<MeasuredPeaks> {
  const graph = inputPeaksGraph(config, weights);
  const folder = path.join(options.cacheDir, `.${graph.name}-${randomUUID()}`);
  try {
    const session = await GraphSession.open(await compileGraph(graph, { ...options, cacheDir: folder }), {
      provider: 'cpu',
      threads: 1,
    });
    try {
      const random = uniform(0);
      const positions = Math.min(POSITIONS, config.maxContext);
      const shape = { mels: config.mels, frames: FRAMES_PER_POSITION * positions };
      const rows = Array.from({ length: ROWS }, () => generatedFeatures(random, shape));
      const { feeds } = encoderFeeds(rows, config.mels);
      const lengths = tensor(new Int32Array(ROWS).fill(positions), [ROWS]);
      const names = graph.outputs.map((output) => output.name);
      const peaks = await session.run({ ...feeds, lengths }, names);
      return new Map(names.map((name) => [name, floats(peaks[name] as BoundaryTensor)]));
    } finally {
      await session.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
