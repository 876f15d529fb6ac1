import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileGraph } from '../../kernels/graph/compile-graph.ts';
import type { Graph } from '../../kernels/graph/graph.ts';
import { type BoundaryTensor, type Feeds, floats, GraphSession } from '../../kernels/session.ts';

/** Compiles a small graph into a temporary folder, runs it once and gives back its fp32 outputs. */
export async function runGraph(graph: Graph, feeds: Feeds): Promise<Record<string, Float32Array>> {
  const results = await runGraphRaw(graph, feeds);
  return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, floats(value)]));
}

export async function runGraphRaw(graph: Graph, feeds: Feeds): Promise<Record<string, BoundaryTensor>> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-graph-'));
  try {
    const model = await compileGraph(graph, { cacheDir, weightsDigest: 'test' });
    const session = await GraphSession.open(model, { provider: 'cpu', threads: 1 });
    try {
      return await session.run(
        feeds,
        graph.outputs.map((output) => output.name),
      );
    } finally {
      await session.close();
    }
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}
