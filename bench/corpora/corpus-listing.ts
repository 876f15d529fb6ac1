import { SPLITS, type Split } from './corpus.ts';
import { languageCode } from './language-code.ts';
import type { CorpusProblem, LeftOutReason } from './packed-corpus.ts';
import { splitByDigest } from './split-by-digest.ts';

/** An utterance that a manifest lists, before its audio is looked at. */
export interface ListedUtterance {
  /** unique within its corpus */
  readonly id: string;
  /** as the manifest has it */
  readonly audioPath: string;
  /** where the audio lies; a member of `archive`, if there is one */
  readonly file: string;
  /** a `.tar.gz` that is to be unpacked first */
  readonly archive?: string;
  readonly text: string;
  readonly language: string;
  readonly split: Split;
  readonly speaker?: string;
  readonly startSeconds?: number;
  readonly endSeconds?: number;
  /** where it is listed, for messages */
  readonly place: ListedPlace;
}

/** A line of a manifest; a file that lists nothing but itself has no line. */
export interface ListedPlace {
  readonly file: string;
  /** the first is 1 */
  readonly line?: number;
}

export interface ListingProblem extends CorpusProblem {
  readonly reason: LeftOutReason;
  /** `und` if it is not known */
  readonly language: string;
}

/** What a manifest or a folder says, in its order. */
export interface CorpusListing {
  readonly utterances: readonly ListedUtterance[];
  readonly problems: readonly ListingProblem[];
}

/** The fields of one line, as it has them. */
export interface ListedFields {
  readonly place: ListedPlace;
  readonly audioPath: string | undefined;
  readonly file: (audioPath: string) => string;
  readonly archive?: string | undefined;
  readonly text: string | undefined;
  readonly language: string | undefined;
  readonly speaker?: string | undefined;
  readonly split?: string | undefined;
  readonly startSeconds?: number | undefined;
  readonly endSeconds?: number | undefined;
}

export const UNDETERMINED = 'und';

/** Gathers lines to a listing, and what is wrong with some of them. */
export class ListingBuilder {
  readonly #utterances: ListedUtterance[] = [];
  readonly #problems: ListingProblem[] = [];
  readonly #ids = new Set<string>();

  get listing(): CorpusListing {
    return { utterances: this.#utterances, problems: this.#problems };
  }

  leaveOut(place: ListedPlace, reason: LeftOutReason, message: string, language = UNDETERMINED): void {
    this.#problems.push({ ...place, message, reason, language });
  }

  add(fields: ListedFields): void {
    const { place, archive, speaker, startSeconds, endSeconds } = fields;
    const language = languageCode(fields.language ?? '');
    if (language === null) return this.leaveOut(place, 'languageUnknown', unknownLanguage(fields.language));
    const audioPath = fields.audioPath?.trim() ?? '';
    if (audioPath === '') return this.leaveOut(place, 'malformed', 'it names no audio', language);
    const text = fields.text?.replace(/\s+/g, ' ').trim() ?? '';
    if (text === '') return this.leaveOut(place, 'noText', `there is no text for ${audioPath}`, language);
    const split = fields.split === undefined || fields.split === '' ? splitByDigest(speaker || audioPath) : fields.split;
    if (!isSplit(split)) return this.leaveOut(place, 'malformed', `the split "${split}" is not train, dev or test`, language);
    const range = rangeProblem(startSeconds, endSeconds);
    if (range !== null) return this.leaveOut(place, 'malformed', range, language);
    const id =
      startSeconds === undefined && endSeconds === undefined
        ? audioPath
        : `${audioPath}#${startSeconds ?? 0}-${endSeconds ?? ''}`;
    if (this.#ids.has(id)) return this.leaveOut(place, 'repeated', `${id} was listed before`, language);
    this.#ids.add(id);
    this.#utterances.push({
      id,
      audioPath,
      file: fields.file(audioPath),
      text,
      language,
      split,
      place,
      ...(archive === undefined ? {} : { archive }),
      ...(speaker === undefined || speaker === '' ? {} : { speaker }),
      ...(startSeconds === undefined ? {} : { startSeconds }),
      ...(endSeconds === undefined ? {} : { endSeconds }),
    });
  }
}

function isSplit(name: string): name is Split {
  return (SPLITS as readonly string[]).includes(name);
}

function unknownLanguage(language: string | undefined): string {
  if (language === undefined || language === '') return 'it names no language; give one for all with --language';
  return `"${language}" is no language of Whisper's, such as el or es-419`;
}

function rangeProblem(start: number | undefined, end: number | undefined): string | null {
  for (const time of [start, end]) {
    if (time !== undefined && !(Number.isFinite(time) && time >= 0)) return 'start and end are to be seconds, 0 or more';
  }
  if (end !== undefined && end <= (start ?? 0)) return `it ends at ${end} s, and starts at ${start ?? 0} s`;
  return null;
}
