import '../../kernels/no-telemetry.ts';
import { Worker } from 'node:worker_threads';

/** A worker's module that lies beside another one: TypeScript as that is, or compiled. @param beside its `import.meta.url` */
export function workerEntry(name: string, beside: string): URL {
  return new URL(`./${name}${beside.endsWith('.ts') ? '.ts' : '.js'}`, beside);
}

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
