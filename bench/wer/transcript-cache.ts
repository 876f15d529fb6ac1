import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writingCache } from '../../asr/weights/cache-writing.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import { type Hypothesis, hypothesisSchema } from './hypothesis.ts';

/** What decides a text, apart from audio and language: model, adapter, settings, versions. Plain JSON. */
export type SystemKey = Readonly<Record<string, unknown>>;

export interface TranscriptKey {
  readonly system: SystemKey;
  readonly language: string;
  readonly samples: Float32Array;
}

export interface TranscriptCache {
  find(key: TranscriptKey): Promise<Hypothesis | null>;
  /** @throws FloraAsrError `cache_unwritable` */
  keep(key: TranscriptKey, hypothesis: Hypothesis): Promise<void>;
}

const entrySchema = z.object({ audio: z.string(), hypothesis: hypothesisSchema });

/**
 * Hypotheses on disk: a file of JSON lines for each system, named by the digest of its key; a line for each utterance.
 * Lines are appended, so two processes may write at once, and one that is killed leaves at most half a line, which is
 * passed over.
 */
export function openTranscriptCache(folder: string): TranscriptCache {
  const files = new Map<string, Promise<Map<string, Hypothesis>>>();
  const fileOf = (system: SystemKey) => join(folder, `${digestOf([JSON.stringify(system)])}.jsonl`);
  const entriesOf = (file: string) => {
    const entries = files.get(file) ?? readEntries(file);
    files.set(file, entries);
    return entries;
  };
  return {
    find: async (key) => (await entriesOf(fileOf(key.system))).get(audioOf(key)) ?? null,
    keep: async (key, hypothesis) => {
      // without a text there is nothing to be had again: it is tried the next time
      if (hypothesis.text === null) return;
      const file = fileOf(key.system);
      const audio = audioOf(key);
      (await entriesOf(file)).set(audio, hypothesis);
      await writingCache(folder, async () => {
        await makeFolder(folder);
        // begins with an end of line, so that half a line of another process ends there
        await appendFile(file, `\n${JSON.stringify({ audio, hypothesis })}\n`);
      });
    },
  };
}

/** For `--no-cache`: remembers nothing. */
export const NO_CACHE: TranscriptCache = { find: async () => null, keep: async () => undefined };

async function readEntries(file: string): Promise<Map<string, Hypothesis>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const entries = text.split('\n').flatMap((line) => parseEntry(line) ?? []);
  return new Map(entries.map(({ audio, hypothesis }) => [audio, hypothesis]));
}

function parseEntry(line: string): z.output<typeof entrySchema> | null {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return null; // half a line, or one of another version
  }
}

function audioOf({ language, samples }: TranscriptKey): string {
  return digestOf([`${language}\n`, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}
