import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { byCodeUnit, type Corpus, SPLITS, type Utterance } from './corpus.ts';

/**
 * A decoded corpus in one folder: `index.json`, and for each language `LANGUAGE.pcm` with its utterances' samples one
 * after the other, 16 kHz mono, signed 16 bits, little-endian.
 */
const PACKED_FORMAT = 1;

const packedUtteranceSchema = z.object({
  id: z.string(),
  audioPath: z.string(),
  text: z.string(),
  language: z.string().regex(/^[a-z]{2,3}$/),
  split: z.enum(SPLITS),
  spoken: z.boolean(),
  speaker: z.string().optional(),
  /** where it starts in its language's file */
  firstSample: z.int().nonnegative(),
  samples: z.int().positive(),
});

/** Why a recording is not in the corpus. */
export const LEFT_OUT_REASONS = [
  'noText',
  /** beeps, silence, music, screaming monkeys */
  'notSpeech',
  /** letters and numbers by themselves, which have no one right spelling */
  'notSentence',
  'undecodable',
  'tooShort',
  'tooLong',
  /** there is no such audio */
  'missing',
  'languageUnknown',
  /** its line in the manifest cannot be understood */
  'malformed',
  /** its line says what another has said */
  'repeated',
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

const leftOutSchema = z.partialRecord(z.enum(LEFT_OUT_REASONS), z.int());

const problemSchema = z.object({ file: z.string(), line: z.int().positive().optional(), message: z.string() });

const packedIndexSchema = z.object({
  format: z.literal(PACKED_FORMAT),
  name: z.string(),
  /** what it was made from */
  source: z.string(),
  languages: z.array(z.string()),
  /** by language (`und`: undetermined): recordings that are not in the corpus, and why */
  leftOut: z.record(z.string(), leftOutSchema),
  /** what was wrong with its manifest */
  problems: z.array(problemSchema).optional(),
  /** of the manifest and the files that it was made from */
  listingDigest: z.string().optional(),
  /** ordered by audio path */
  utterances: z.array(packedUtteranceSchema),
});

export type PackedUtterance = z.infer<typeof packedUtteranceSchema>;
export type LeftOutCounts = Readonly<Partial<Record<LeftOutReason, number>>>;
/** Why something that a manifest lists is not in the corpus. */
export type CorpusProblem = z.infer<typeof problemSchema>;
export type PackedIndex = Omit<z.infer<typeof packedIndexSchema>, 'format'>;

export interface PackedCorpus extends Corpus {
  readonly source: string;
  readonly leftOut: Readonly<Record<string, LeftOutCounts>>;
  readonly problems: readonly CorpusProblem[];
  /** of the manifest and the files that it was made from; null for a corpus that was pulled */
  readonly listingDigest: string | null;
}

/** The text of `index.json`. */
export function packedIndexText(index: PackedIndex): string {
  const utterances = [...index.utterances].sort((left, right) => byCodeUnit(left.audioPath, right.audioPath));
  return `${JSON.stringify({ format: PACKED_FORMAT, ...index, utterances })}\n`;
}

/**
 * @param folder holds `index.json`
 * @throws FloraAsrError `corpus_not_found` if there is no index, or one of another format.
 */
export function openPackedCorpus(folder: string, remedy: string): PackedCorpus {
  const index = readIndex(folder, remedy);
  const utterances: Utterance[] = [];
  const places = new Map<string, PackedUtterance>();
  for (const place of index.utterances) {
    utterances.push(utteranceAt(place));
    places.set(place.id, place);
  }
  return {
    name: index.name,
    source: index.source,
    languages: index.languages,
    leftOut: index.leftOut,
    problems: index.problems ?? [],
    listingDigest: index.listingDigest ?? null,
    utterances: ({ languages = index.languages, split } = {}) =>
      utterances.filter((one) => languages.includes(one.language) && (split === undefined || one.split === split)),
    samples: (utterance) => {
      const place = places.get(utterance.id);
      if (place === undefined) {
        throw new FloraAsrError('argument_invalid', `the corpus ${index.name} has no utterance ${utterance.id}`);
      }
      return readSamples(join(folder, `${place.language}.pcm`), place);
    },
  };
}

function readIndex(folder: string, remedy: string): PackedIndex {
  const path = join(folder, 'index.json');
  try {
    return packedIndexSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing ? 'is not there' : `is not an index of format ${PACKED_FORMAT}`;
    throw new FloraAsrError('corpus_not_found', `${path} ${what}; ${remedy}`, { cause });
  }
}

function utteranceAt(place: PackedUtterance): Utterance {
  const { firstSample: _, samples, speaker, ...rest } = place;
  const durationSeconds = samples / SAMPLE_RATE_HZ;
  return speaker === undefined ? { ...rest, durationSeconds } : { ...rest, durationSeconds, speaker };
}

function readSamples(path: string, { id, firstSample, samples }: PackedUtterance): Float32Array {
  const bytes = Buffer.alloc(samples * 2);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, bytes, 0, bytes.length, firstSample * 2);
    if (read !== bytes.length) throw new FloraAsrError('audio_truncated', `${path} ends within utterance ${id}`);
  } finally {
    closeSync(file);
  }
  const values = new Float32Array(samples); // [samples]
  // a loop, because Float32Array.from takes several times as long, and trainers read a corpus again and again
  for (let i = 0; i < samples; i++) values[i] = bytes.readInt16LE(i * 2) / 32_768;
  return values;
}
