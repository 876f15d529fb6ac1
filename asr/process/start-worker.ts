import '../../kernels/no-telemetry.ts';
import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread from a module that may be TypeScript. On Node 20 a loader given by `--import`
 * does not reach a worker's entry point, so there tsx is registered first. Compiled JavaScript starts
 * as it is.
 */
export function startWorker(entry: URL): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry);
  const tsx = import.meta.resolve('tsx/esm/api');
  const source = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Worker(source, { eval: true, execArgv: [] });
}
