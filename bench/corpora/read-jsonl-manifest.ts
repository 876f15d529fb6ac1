import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { SPLITS } from './corpus.ts';
import { type CorpusListing, ListingBuilder } from './corpus-listing.ts';

const lineSchema = z.object({
  audio: z.string().min(1),
  text: z.string(),
  language: z.string().optional(),
  speaker: z.string().optional(),
  split: z.enum(SPLITS).optional(),
  /** seconds */
  start: z.number().nonnegative().optional(),
  end: z.number().positive().optional(),
});

/**
 * Reads a manifest of lines `{"audio", "text", "language"?, "speaker"?, "split"?, "start"?, "end"?}`; paths of audio are
 * relative to it.
 * @param language of lines that name none
 */
export async function readJsonlManifest(path: string, language?: string): Promise<CorpusListing> {
  const builder = new ListingBuilder();
  const lines = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = { file: path, line: i + 1 };
    const parsed = parseLine(line);
    if (typeof parsed === 'string') {
      builder.leaveOut(place, 'malformed', parsed);
      continue;
    }
    builder.add({
      place,
      audioPath: parsed.audio,
      file: (audio) => resolve(dirname(path), audio),
      text: parsed.text,
      language: parsed.language ?? language,
      speaker: parsed.speaker,
      split: parsed.split,
      startSeconds: parsed.start,
      endSeconds: parsed.end,
    });
  }
  return builder.listing;
}

/** @returns what is wrong with the line, if something is */
function parseLine(line: string): z.infer<typeof lineSchema> | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'it is not JSON: expected {"audio": "…", "text": "…", "language": "el"}';
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') || 'the line'}: ${issue?.message}`;
}
