import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { FloraAsrError } from '../kernels/errors.ts';
import { openSafetensors } from '../kernels/safetensors.ts';
import type { TensorSource } from '../kernels/tensor-source.ts';
import { type Adapter, factorNames, makeAdapter, type TargetWeights } from './adapter.ts';
import { type AdapterManifest, parseManifest } from './manifest.ts';

export const MANIFEST_FILE = 'adapter.json';
export const WEIGHTS_FILE = 'adapter.safetensors';
const CARD_FILE = 'README.md';
/** Whatever is longer is no card. */
const LONGEST_CARD_BYTES = 2 ** 18;

/** An adapter's folder, and what its manifest says. */
interface Declared {
  readonly folder: string;
  readonly manifest: AdapterManifest;
}

/**
 * Reads and verifies an adapter's folder: `adapter.json` (see manifest.ts) and `adapter.safetensors`,
 * which holds exactly the factors of the manifest's targets (see `factorNames` and `TargetWeights`),
 * all finite. A model card, `README.md`, may lie beside them.
 * @throws FloraAsrError `adapter_invalid`, naming the folder and what is wrong in it
 */
export function loadAdapter(folder: string): Adapter {
  const manifestBytes = readPart(folder, MANIFEST_FILE);
  const manifest = parseManifest(manifestBytes.toString('utf8'), path.join(folder, MANIFEST_FILE));
  const hash = createHash('sha256').update(manifestBytes).update(readPart(folder, WEIGHTS_FILE));
  const weights = readWeights({ folder, manifest });
  const card = readCard(folder);
  return makeAdapter({ manifest, digest: `sha256:${hash.digest('hex')}`, weights, ...(card !== null && { card }) });
}

/** For people: an adapter works without one, and it is no part of the digest. */
function readCard(folder: string): string | null {
  const file = path.join(folder, CARD_FILE);
  try {
    return statSync(file).size > LONGEST_CARD_BYTES ? null : readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function readPart(folder: string, file: string): Buffer {
  try {
    return readFileSync(path.join(folder, file));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? `has no ${file}` : `has an unreadable ${file}`;
    throw new FloraAsrError(
      'adapter_invalid',
      `${folder} ${reason}; an adapter is a folder with ${MANIFEST_FILE} and ${WEIGHTS_FILE}.`,
      { cause },
    );
  }
}

function readWeights(declared: Declared): ReadonlyMap<string, TargetWeights> {
  const { folder, manifest } = declared;
  let source: TensorSource;
  try {
    source = openSafetensors(path.join(folder, WEIGHTS_FILE));
  } catch (cause) {
    throw invalid(folder, `${WEIGHTS_FILE} cannot be read: ${(cause as Error).message}`, cause);
  }
  try {
    refuseOtherTensors(declared, source.names);
    return new Map(
      Object.entries(manifest.targets).map(([target, { rank }]) => [target, readTarget(declared, source, { target, rank })]),
    );
  } finally {
    source.close();
  }
}

function refuseOtherTensors({ folder, manifest }: Declared, present: readonly string[]): void {
  const expected = Object.keys(manifest.targets).flatMap((target) => Object.values(factorNames(manifest.kind, target)));
  const missing = expected.filter((name) => !present.includes(name));
  const extra = present.filter((name) => !expected.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  throw invalid(
    folder,
    [
      ...(missing.length === 0 ? [] : [`${WEIGHTS_FILE} lacks ${listed(missing)}, which ${MANIFEST_FILE} declares`]),
      ...(extra.length === 0 ? [] : [`${WEIGHTS_FILE} holds ${listed(extra)}, which ${MANIFEST_FILE} does not declare`]),
    ].join('; '),
  );
}

interface DeclaredTarget {
  readonly target: string;
  readonly rank: number;
}

function readTarget({ folder, manifest }: Declared, source: TensorSource, { target, rank }: DeclaredTarget): TargetWeights {
  const { kind } = manifest;
  const names = factorNames(kind, target);
  /** @param rankAxis the axis along which the components lie; the other one's length is the layer's */
  const dimBeside = (name: string, rankAxis: 0 | 1, dimName: string): number => {
    const shape = source.shape(name);
    const dim = shape[1 - rankAxis];
    if (shape.length === 2 && shape[rankAxis] === rank && dim !== undefined && dim > 0) return dim;
    const expected = rankAxis === 0 ? [rank, dimName] : [dimName, rank];
    throw invalid(folder, `tensor ${name} has shape [${shape.join(', ')}], expected [${expected.join(', ')}]`);
  };
  const dims =
    kind === 'flora'
      ? { outDim: dimBeside(names.a, 0, 'out'), inDim: dimBeside(names.b, 0, 'in') }
      : { inDim: dimBeside(names.a, 0, 'in'), outDim: dimBeside(names.b, 1, 'out') };
  return { rank, ...dims, a: readFinite(folder, source, names.a), b: readFinite(folder, source, names.b) };
}

function readFinite(folder: string, source: TensorSource, name: string): Float32Array {
  let values: Float32Array;
  try {
    values = source.read(name);
  } catch (cause) {
    throw invalid(folder, `tensor ${name} cannot be read: ${(cause as Error).message}`, cause);
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return values;
  throw invalid(folder, `tensor ${name} holds ${values[wrong]} at index ${wrong}, expected finite weights`);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

function invalid(folder: string, problem: string, cause?: unknown): FloraAsrError {
  return new FloraAsrError('adapter_invalid', `Adapter folder ${folder}: ${problem.replace(/\.$/, '')}.`, { cause });
}
