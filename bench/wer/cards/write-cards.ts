import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Adapter } from '../../../adapters/adapter.ts';
import { loadAdapter, MANIFEST_FILE, WEIGHTS_FILE } from '../../../adapters/load-adapter.ts';
import type { AdapterManifest } from '../../../adapters/manifest.ts';
import { stageFile, unwritable } from '../../../adapters/staged-file.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { parseRunRecipe, type RunRecipe } from '../../training/run-recipe.ts';
import { type CardResult, cardResults } from './card-results.ts';
import { cardOf } from './model-card.ts';

const CARD_FILE = 'README.md';

export interface CardWriting {
  /** of adapters, or an adapter */
  readonly folder: string;
  /** those that were measured */
  readonly adapters: Iterable<Adapter>;
  /** what evaluations say, this one first; `source` is for errors */
  readonly documents: readonly { readonly source: string; readonly document: unknown }[];
  /** that paths in commands are told from */
  readonly from: string;
}

/**
 * A model card beside each adapter that was measured, in the place of the one before.
 * @returns paths of the cards
 * @throws FloraAsrError `output_unwritable`, `argument_invalid` for a document that is no evaluation
 */
export function writeCards({ folder, adapters, documents, from }: CardWriting): readonly string[] {
  const measured = new Set([...adapters].map(({ digest }) => digest));
  return adapterFolders(folder).flatMap((own) => {
    const adapter = loadAdapter(own);
    if (!measured.has(adapter.digest)) return [];
    const results = documents.flatMap(({ source, document }) => cardResults(document, source, adapter.digest));
    return [writeCard(own, adapter, { results, from })];
  });
}

/** @throws FloraAsrError `file_not_found`, `argument_invalid` */
export function readSummary(file: string): { readonly source: string; readonly document: unknown } {
  if (!existsSync(file)) throw new FloraAsrError('file_not_found', `${file} is not there; --card-extra takes a summary.json.`);
  try {
    return { source: file, document: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (cause) {
    throw new FloraAsrError('argument_invalid', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function writeCard(
  folder: string,
  { manifest, digest, weights }: Adapter,
  { results, from }: { readonly results: readonly CardResult[]; readonly from: string },
): string {
  const card = cardOf({
    manifest,
    digest,
    parameters: [...weights.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0),
    bytes: statSync(path.join(folder, WEIGHTS_FILE)).size,
    recipe: recipeOf(manifest),
    manifestPath: pathFrom(from, path.join(folder, MANIFEST_FILE)),
    results,
  });
  const file = path.join(folder, CARD_FILE);
  try {
    stageFile(folder, (temporary) => writeFileSync(temporary, card)).publish(file);
  } catch (cause) {
    throw unwritable('The card', folder, cause);
  }
  return file;
}

/** What lies elsewhere on this machine is nobody's business. */
function pathFrom(folder: string, file: string): string {
  const relative = path.relative(folder, file).replaceAll(path.sep, '/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? path.basename(file) : relative;
}

function recipeOf({ training, name }: AdapterManifest): RunRecipe | null {
  try {
    return parseRunRecipe(training?.recipe ?? null, name);
  } catch (error) {
    if (error instanceof FloraAsrError) return null;
    throw error;
  }
}

function adapterFolders(folder: string): readonly string[] {
  const isAdapter = (candidate: string) => existsSync(path.join(candidate, MANIFEST_FILE));
  if (isAdapter(folder)) return [folder];
  return readdirSync(folder)
    .sort()
    .map((entry) => path.join(folder, entry))
    .filter(isAdapter);
}
