import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import type { Graph } from './graph.ts';
import { bytesOf, encodeOnnxModel, layOutWeights, type WeightLayout } from './onnx-model.ts';
import { describeType } from './tensor-type.ts';
import { verifyGraph } from './verify-graph.ts';

const MODEL_FILE = 'model.onnx';
const WEIGHTS_FILE = 'weights.bin';

export interface CompileOptions {
  /** Folder that holds compiled graphs; made if missing. */
  readonly cacheDir: string;
  /** Digest of what the weights were read from, and made by: part of the cache key, because hashing them anew is slow. */
  readonly weightsDigest: string;
  /** Called before weights are read, and not at all where the compiled graph is there. */
  readonly prepare?: (() => Promise<void>) | undefined;
  readonly onProgress?: (progress: { graph: string; writtenBytes: number; totalBytes: number }) => void;
}

/**
 * Verifies a graph and writes it with its weights to `<cacheDir>/<name>-<content hash>/`, unless it
 * is there. The folder appears complete or not at all.
 * @returns the path of the ONNX file.
 * @throws FloraAsrError `graph_invalid`, `cache_unwritable`
 */
export async function compileGraph(graph: Graph, options: CompileOptions): Promise<string> {
  verifyGraph(graph);
  const layout = layOutWeights(graph);
  const model = encodeOnnxModel(graph, layout, WEIGHTS_FILE);
  const hash = createHash('sha256').update(model).update(options.weightsDigest).digest('hex').slice(0, 16);
  const folder = path.join(options.cacheDir, `${graph.name}-${hash}`);
  if (existsSync(path.join(folder, MODEL_FILE))) return path.join(folder, MODEL_FILE);

  await options.prepare?.();
  const staging = path.join(options.cacheDir, `.${graph.name}-${hash}-${randomUUID()}`);
  try {
    await makeFolder(staging);
    await writeWeights(path.join(staging, WEIGHTS_FILE), graph.name, layout, options.onProgress);
    await writeFile(path.join(staging, MODEL_FILE), model);
    await publish(staging, folder);
  } catch (cause) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof FloraAsrError) throw cause;
    throw new FloraAsrError(
      'cache_unwritable',
      `The compiled graph ${graph.name} could not be written to ${options.cacheDir} (${String(cause)}). ` +
        'Free some space, or name a folder that can be written with FLORA_ASR_CACHE.',
      { cause },
    );
  }
  return path.join(folder, MODEL_FILE);
}

/** Another process may have published the same graph meanwhile: then ours is thrown away. */
async function publish(staging: string, folder: string): Promise<void> {
  try {
    await rename(staging, folder);
  } catch (cause) {
    const published: readonly string[] = await readdir(folder).catch(() => []);
    if (!published.includes(MODEL_FILE)) throw cause;
    await rm(staging, { recursive: true, force: true });
  }
}

async function writeWeights(
  file: string,
  graph: string,
  layout: WeightLayout,
  onProgress: CompileOptions['onProgress'],
): Promise<void> {
  const handle: FileHandle = await open(file, 'w');
  try {
    for (const { initializer, offset, bytes } of layout.entries) {
      const content = bytesOf(initializer.load());
      if (content.byteLength !== bytes) {
        const { name, type } = initializer.value;
        throw new FloraAsrError(
          'graph_invalid',
          `${graph}: weight "${name}" has ${content.byteLength} bytes; ${describeType(type)} needs ${bytes}.`,
        );
      }
      await handle.write(content, 0, bytes, offset);
      onProgress?.({ graph, writtenBytes: offset + bytes, totalBytes: layout.totalBytes });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
