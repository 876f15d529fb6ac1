import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from './corpus.ts';

/** The languages in which volunteers recorded the descriptions of nearly all stamps. */
export const TUXPAINT_LANGUAGES = ['ca', 'bg', 'el', 'ro', 'be', 'ru', 'es', 'fr'] as const;
export type TuxpaintLanguage = (typeof TUXPAINT_LANGUAGES)[number];

/** A recorded description of a picture. */
export interface StampRecording {
  /** path of the picture below `stamps/`, without extension */
  readonly picture: string;
  readonly language: TuxpaintLanguage;
  /** below `stamps/` */
  readonly audioPath: string;
  /** null if the picture has no text in this language */
  readonly text: string | null;
}

const RECORDING = new RegExp(`^(.+)_desc_(${TUXPAINT_LANGUAGES.join('|')})\\.ogg$`);

/**
 * All recordings of the eight languages below a `stamps` folder, by audio path. File names are matched as the package
 * has them, case included, so that the corpus is the same on file systems that ignore case.
 */
export async function findRecordings(stampsFolder: string): Promise<readonly StampRecording[]> {
  const found = await readdir(stampsFolder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(stampsFolder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort(byCodeUnit);
  const textFiles = new Set(paths.filter((path) => path.endsWith('.txt')));
  const texts = new Map<string, ReadonlyMap<string, string>>();
  const recordings: StampRecording[] = [];
  for (const audioPath of paths) {
    const [, picture, language] = RECORDING.exec(audioPath) ?? [];
    if (picture === undefined || language === undefined) continue;
    const textFile = `${picture}.txt`;
    if (textFiles.has(textFile) && !texts.has(textFile)) {
      texts.set(textFile, parseDescriptions(await readFile(join(stampsFolder, textFile), 'utf8')));
    }
    const text = texts.get(textFile)?.get(language) ?? null;
    recordings.push({ picture, language: language as TuxpaintLanguage, audioPath, text });
  }
  return recordings;
}

/**
 * Reads a stamp's `NAME.txt`: the first line is English, each other line `LANG.utf8=text`. Texts are trimmed; a language
 * with an empty text is left out.
 */
export function parseDescriptions(file: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const line of file.split(/\r?\n/).slice(1)) {
    const [, language, text] = /^([\w@]+)\.utf8=(.*)$/.exec(line) ?? [];
    const trimmed = text?.trim() ?? '';
    if (language !== undefined && trimmed !== '') texts.set(language, trimmed);
  }
  return texts;
}
