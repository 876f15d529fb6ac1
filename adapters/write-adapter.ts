import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeSafetensors } from '../kernels/safetensors.ts';
import { type Adapter, factorNames } from './adapter.ts';
import { MANIFEST_FILE, WEIGHTS_FILE } from './load-adapter.ts';

/**
 * Writes `adapter.json` and `adapter.safetensors` (fp32) into a folder, which is made if need be. The
 * manifest comes last: without it nothing takes a folder that is half written for an adapter.
 */
export function writeAdapter(folder: string, { manifest, weights }: Pick<Adapter, 'manifest' | 'weights'>): void {
  mkdirSync(folder, { recursive: true });
  const tensors = [...weights].flatMap(([target, factors]) => {
    const { rank, inDim, outDim, a, b } = factors;
    const names = factorNames(manifest.kind, target);
    const shapes =
      manifest.kind === 'flora' ? { a: [rank, outDim], b: [rank, inDim] } : { a: [rank, inDim], b: [outDim, rank] };
    return [
      { name: names.a, shape: shapes.a, values: a },
      { name: names.b, shape: shapes.b, values: b },
    ];
  });
  writeSafetensors(path.join(folder, WEIGHTS_FILE), tensors, { dtype: 'f32' });
  writeFileSync(path.join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}
