import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeAdapter } from '../../../adapters/write-adapter.ts';
import type { CheckpointLocation } from '../../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { languageAdapters } from '../language-adapters.ts';

export interface StreamsAdapters {
  /** for the service to load; null for none */
  readonly folder: string | null;
  /** whether they decode as they do for users; else token counts are forced */
  readonly trained: boolean;
  /** Removes what was written. */
  close(): Promise<void>;
}

/** @param choice `random`, `none`, or a folder */
export async function obtainAdapters(
  choice: string,
  location: CheckpointLocation,
  languages: readonly string[],
): Promise<StreamsAdapters> {
  if (choice === 'none') return { folder: null, trained: false, close: async () => undefined };
  if (choice !== 'random') return { folder: resolve(choice), trained: true, close: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'flora-asr-streams-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const { config, digest, tensors } = openCheckpoint(location);
    tensors.close();
    for (const adapter of languageAdapters(config, digest, languages)) {
      writeAdapter(join(folder, adapter.manifest.name), adapter);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { folder, trained: false, close };
}
