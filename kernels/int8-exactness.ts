import { compileGraph } from './graph/compile-graph.ts';
import type { Graph } from './graph/graph.ts';
import { GraphBuilder, only } from './graph/graph-builder.ts';
import { type ExecutionProvider, floats, GraphSession, tensor } from './session.ts';

/** Enough columns and depth that the vectorised kernels are used, not a scalar remainder. */
const DEPTH = 64;
const COLUMNS = 64;

/**
 * Whether this CPU multiplies u8 by s8 exactly. Plain AVX2 adds two products in 16 bits and
 * saturates: 255·127·2 does not fit. CPUs with VNNI (or Arm's dot product) add in 32 bits.
 */
export async function int8ProductIsExact(cacheDir: string, provider: ExecutionProvider): Promise<boolean> {
  const model = await compileGraph(extremeProduct(), { cacheDir, weightsDigest: 'extremes' });
  const session = await GraphSession.open(model, { provider, threads: 1 });
  try {
    const x = new Uint8Array(DEPTH).fill(255);
    const { y } = await session.run({ x: tensor(x, [1, DEPTH]) }, ['y']);
    return floats(y).every((value) => value === 255 * 127 * DEPTH);
  } finally {
    await session.close();
  }
}

function extremeProduct(): Graph {
  const graph = new GraphBuilder('int8-extremes');
  const x = graph.input('x', { element: 'u8', shape: ['rows', DEPTH] });
  const weight = graph.weight('w', { element: 'i8', shape: [DEPTH, COLUMNS] }, () => new Int8Array(DEPTH * COLUMNS).fill(127));
  const scales = graph.weight('scales', { element: 'f32', shape: [COLUMNS] }, () => new Float32Array(COLUMNS).fill(1));
  const zeros = graph.weight('zeros', { element: 'i8', shape: [COLUMNS] }, () => new Int8Array(COLUMNS));
  const inputs = [x, weight, graph.scalar(1), scales, graph.scalarU8(0), zeros];
  return graph.build({ y: only(graph.microsoft('MatMulIntegerToFloat', inputs)) });
}
