import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type NamedTensor, type WrittenFormat, writeSafetensors } from '../kernels/safetensors.ts';
import { type Adapter, factorNames } from './adapter.ts';
import { MANIFEST_FILE, WEIGHTS_FILE } from './load-adapter.ts';
import { forceFolderToDisk, type StagedFile, stageFile, unwritable } from './staged-file.ts';

export interface WriteAdapterOptions {
  /** of the factors; `f32` if left out. f16 rounds them, to 11 significant bits */
  readonly dtype?: WrittenFormat;
}

/**
 * Writes `adapter.json` and `adapter.safetensors` into a folder, which is made if need be, in the place of
 * those that it has; its other files stay. Until both are whole on the disk nothing changes. The manifest
 * goes first and comes last: between them the folder is refused as an adapter without one, so that old and
 * new are never taken together.
 * @throws FloraAsrError `output_unwritable`; `argument_invalid` if a factor is beyond the range of f16
 */
export function writeAdapter(
  folder: string,
  { manifest, weights }: Pick<Adapter, 'manifest' | 'weights'>,
  { dtype = 'f32' }: WriteAdapterOptions = {},
): void {
  const staged: StagedFile[] = [];
  const stage = (write: (temporary: string) => void): StagedFile => {
    const file = stageFile(folder, write);
    staged.push(file);
    return file;
  };
  try {
    mkdirSync(folder, { recursive: true });
    const weightsFile = stage((temporary) => writeSafetensors(temporary, tensorsOf({ manifest, weights }), { dtype }));
    const manifestFile = stage((temporary) => writeFileSync(temporary, `${JSON.stringify(manifest, null, 2)}\n`));
    rmSync(path.join(folder, MANIFEST_FILE), { force: true });
    weightsFile.publish(path.join(folder, WEIGHTS_FILE));
    manifestFile.publish(path.join(folder, MANIFEST_FILE));
    forceFolderToDisk(folder);
  } catch (cause) {
    for (const file of staged) file.discard();
    throw unwritable(`Adapter ${manifest.name}@${manifest.version}`, folder, cause);
  }
}

function tensorsOf({ manifest, weights }: Pick<Adapter, 'manifest' | 'weights'>): readonly NamedTensor[] {
  return [...weights].flatMap(([target, { rank, inDim, outDim, a, b }]) => {
    const names = factorNames(manifest.kind, target);
    const shapes =
      manifest.kind === 'flora' ? { a: [rank, outDim], b: [rank, inDim] } : { a: [rank, inDim], b: [outDim, rank] };
    return [
      { name: names.a, shape: shapes.a, values: a },
      { name: names.b, shape: shapes.b, values: b },
    ];
  });
}
