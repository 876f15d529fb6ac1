import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileGraph } from '../../../kernels/graph/compile-graph.ts';
import { GraphBuilder } from '../../../kernels/graph/graph-builder.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-compile-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

function graphOf(load: () => Float32Array, columns = 2) {
  const graph = new GraphBuilder('product');
  const x = graph.input('x', f32('batch', 2));
  const weight = graph.weight('w', f32(2, columns), load);
  return graph.build({ y: graph.op('MatMul', [x, weight]) });
}

describe('compileGraph', () => {
  it('reads the weights once, and never again while the cached graph is the same', async () => {
    let reads = 0;
    const load = () => {
      reads += 1;
      return Float32Array.of(1, 2, 3, 4);
    };
    const first = await compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' });
    const second = await compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' });
    expect([first, reads]).toEqual([second, 1]);
  });

  it('compiles anew for other weights or another structure', async () => {
    const load = () => Float32Array.of(1, 2, 3, 4);
    const paths = await Promise.all([
      compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' }),
      compileGraph(graphOf(load), { cacheDir, weightsDigest: 'b' }),
      compileGraph(
        graphOf(() => new Float32Array(6), 3),
        { cacheDir, weightsDigest: 'a' },
      ),
    ]);
    expect(new Set(paths).size).toBe(3);
  });

  it('survives two processes compiling the same graph at once', async () => {
    const load = () => Float32Array.of(1, 2, 3, 4);
    const compile = () => compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' });
    const paths = await Promise.all([compile(), compile(), compile()]);
    expect(new Set(paths).size).toBe(1);
    expect(await readdir(cacheDir)).toHaveLength(1);
  });

  it('leaves nothing behind when a weight has the wrong size, and says which', async () => {
    const compile = compileGraph(
      graphOf(() => new Float32Array(3)),
      { cacheDir, weightsDigest: 'a' },
    );
    await expect(compile).rejects.toMatchObject({
      code: 'graph_invalid',
      message: 'product: weight "w" has 12 bytes; f32[2, 2] needs 16.',
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('says what to do when the cache cannot be written', async () => {
    const blocked = path.join(cacheDir, 'file');
    await writeFile(blocked, '');
    const compile = compileGraph(
      graphOf(() => new Float32Array(4)),
      { cacheDir: path.join(blocked, 'graphs'), weightsDigest: 'a' },
    );
    await expect(compile).rejects.toMatchObject({
      code: 'cache_unwritable',
      message: expect.stringContaining('FLORA_ASR_CACHE'),
    });
  });

  it('is not fooled by a half-written folder', async () => {
    const load = () => Float32Array.of(1, 2, 3, 4);
    const model = await compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' });
    await rm(path.dirname(model), { recursive: true });
    await mkdir(path.join(cacheDir, `.${path.basename(path.dirname(model))}-killed`));
    const again = await compileGraph(graphOf(load), { cacheDir, weightsDigest: 'a' });
    expect((await stat(path.join(path.dirname(again), 'weights.bin'))).size).toBe(16);
  });
});
