import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const session = new URL('../../kernels/session.ts', import.meta.url).href;
const compile = new URL('../../kernels/graph/compile-graph.ts', import.meta.url).href;
const builder = new URL('../../kernels/graph/graph-builder.ts', import.meta.url).href;
const startWorker = new URL('../../asr/process/start-worker.ts', import.meta.url).href;

/** Opens and runs a session the way the engine does. */
const program = `
  const { GraphBuilder } = await import('${builder}');
  const { compileGraph } = await import('${compile}');
  const { GraphSession, tensor } = await import('${session}');
  const graph = new GraphBuilder('twice');
  const x = graph.input('x', { element: 'f32', shape: [1] });
  const model = await compileGraph(graph.build({ y: graph.op('Add', [x, x]) }), { cacheDir: process.env.GRAPHS, weightsDigest: '' });
  const opened = await GraphSession.open(model, { provider: 'cpu', threads: 1 });
  await opened.run({ x: tensor(Float32Array.of(1), [1]) }, ['y']);
`;

let home: string;
let graphs: string;
beforeEach(async () => {
  [home, graphs] = await Promise.all([
    mkdtemp(path.join(tmpdir(), 'flora-home-')),
    mkdtemp(path.join(tmpdir(), 'flora-graphs-')),
  ]);
});
afterEach(() => Promise.all([home, graphs].map((folder) => rm(folder, { recursive: true, force: true }))));

/** Runs a script with an empty home and temporary folder, and lists what appeared there. */
async function tracesOf(script: string): Promise<readonly string[]> {
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, XDG_CACHE_HOME: home, TMPDIR: home, GRAPHS: graphs };
  env['TSX_DISABLE_CACHE'] = '1';
  delete env['ORT_DISABLE_TELEMETRY'];
  await execute(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { env });
  const found = await readdir(home, { recursive: true });
  return found.filter((name) => !name.startsWith('tsx-'));
}

describe('onnxruntime’s telemetry', () => {
  it('stores and prepares nothing when a session runs in the main thread', async () => {
    expect(await tracesOf(program)).toEqual([]);
  });

  it('stores and prepares nothing when a session runs in a worker thread', async () => {
    const worker = path.join(graphs, 'worker.ts');
    await writeFile(worker, `(async () => { ${program} })();`);
    const script = `
      const { startWorker } = await import('${startWorker}');
      await once(startWorker(new URL('${pathToFileURL(worker).href}')), 'exit');
    `;
    expect(await tracesOf(`import { once } from 'node:events'; ${script}`)).toEqual([]);
  });
});
