import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Everything that a text can depend on, between samples and words. */
const FOLDERS = ['adapters', 'asr/decoding', 'asr/engine', 'asr/features', 'asr/weights', 'asr/whisper', 'kernels'] as const;
const BELOW_KERNELS = ['kernels/graph', 'kernels/layers'] as const;

/** `sha256:<hex>` over our engine's own source: what it said before it was changed is not what it says now. */
export function engineCodeDigest(): string {
  const hash = createHash('sha256');
  for (const folder of [...FOLDERS, ...BELOW_KERNELS]) {
    const names = readdirSync(ROOT + folder).filter((name) => name.endsWith('.ts'));
    for (const name of names.sort()) hash.update(`${folder}/${name}\n`).update(readFileSync(`${ROOT}${folder}/${name}`));
  }
  return `sha256:${hash.digest('hex')}`;
}
