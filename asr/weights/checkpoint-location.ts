import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';

/** Where a checkpoint lies. Plain data: it is posted to the thread that opens it. */
export interface CheckpointLocation {
  /** e.g. `whisper-base` */
  readonly name: string;
  readonly format: CheckpointFormat;
  /** one, or the parts of a split checkpoint in the order of their names */
  readonly weightPaths: readonly string[];
  readonly configPath: string;
  /** names the alignment heads; CTranslate2's config.json does so itself */
  readonly generationConfigPath: string | null;
  readonly tokenizerPath: string;
  /** `sha256:<hex>` over the bytes of the weight files, which must have it when they are opened */
  readonly digest: string;
}

export type CheckpointFormat = 'ctranslate2' | 'safetensors';

const CTRANSLATE2_FILE = 'model.bin';
const SAFETENSORS_FILE = 'model.safetensors';
const SAFETENSORS_INDEX = 'model.safetensors.index.json';
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Finds a checkpoint's files in a folder, by their usual names.
 * @throws FloraAsrError `weights_not_found` if the folder lacks one, `weights_corrupt` for an index that names
 *   files outside the folder
 */
export async function locateCheckpoint(folder: string): Promise<Omit<CheckpointLocation, 'name' | 'digest'>> {
  const present = new Set(
    await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.message})`;
      throw new FloraAsrError('weights_not_found', `The model folder ${folder} ${reason}.`, { cause });
    }),
  );
  const within = (name: string) => path.join(folder, name);
  const required = (name: string): string => {
    if (present.has(name)) return within(name);
    throw new FloraAsrError('weights_not_found', `The model folder ${folder} has no ${name}.`);
  };
  const common = () => ({ configPath: required('config.json'), tokenizerPath: required('tokenizer.json') });
  if (present.has(CTRANSLATE2_FILE)) {
    const configPath = required('config.json');
    return { format: 'ctranslate2', weightPaths: [within(CTRANSLATE2_FILE)], generationConfigPath: configPath, ...common() };
  }
  const weightNames = present.has(SAFETENSORS_FILE)
    ? [SAFETENSORS_FILE]
    : present.has(SAFETENSORS_INDEX)
      ? await shardNames(within(SAFETENSORS_INDEX))
      : [];
  if (weightNames.length === 0) {
    throw new FloraAsrError(
      'weights_not_found',
      `The model folder ${folder} has neither ${CTRANSLATE2_FILE} (CTranslate2) nor ${SAFETENSORS_FILE} or ${SAFETENSORS_INDEX} (Hugging Face).`,
    );
  }
  const generationConfigPath = present.has('generation_config.json') ? within('generation_config.json') : null;
  return { format: 'safetensors', weightPaths: weightNames.map(required), generationConfigPath, ...common() };
}

/** The files of a split checkpoint, by its index. @throws FloraAsrError `weights_corrupt` */
export async function shardNames(indexPath: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = Object.values(indexSchema.parse(JSON.parse(await readFile(indexPath, 'utf8'))).weight_map);
  } catch (cause) {
    throw new FloraAsrError('weights_corrupt', `${indexPath} is no index of a split checkpoint (${String(cause)}).`, { cause });
  }
  const outside = names.find((name) => name !== path.basename(name) || !name.endsWith('.safetensors'));
  if (outside !== undefined)
    throw new FloraAsrError('weights_corrupt', `${indexPath} names ${outside}, which is no file beside it.`);
  return [...new Set(names)].sort();
}
