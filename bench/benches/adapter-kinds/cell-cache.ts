import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stageFile, unwritable } from '../../../adapters/staged-file.ts';
import type { Utterance } from '../../corpora/corpus.ts';
import { hypothesisSchema } from '../../wer/hypothesis.ts';
import type { HeardUtterance } from '../../wer/system-scores.ts';

/**
 * A cell's folder. Beside what a training writes (adapters, training.jsonl, the checkpoint of one under way):
 *   trained.json               written when the training has ended
 *   utterances-<engine>.jsonl  what was heard, a line for each test utterance; of the engine whose code has that digest
 */
const TRAINED_FILE = 'trained.json';
const LOG_FILE = 'training.jsonl';
const HEARD_FILES = /^utterances-\w+\.jsonl$/;

const trainedSchema = z.object({
  /** batches */
  steps: z.int(),
  /** median; null where nobody timed it */
  secondsAStep: z.number().nullable(),
  /** of the adapters as they were written, as fractions, in the order of the recipe's languages */
  devWers: z.array(z.number()).readonly(),
});

/** What is known of a training that has ended. */
export type TrainedCell = z.output<typeof trainedSchema>;

const count = z.int().min(0);
const lineSchema = z.object({
  id: z.string(),
  language: z.string(),
  reference: z.string(),
  /** null: the reference has no words, and the utterance is not scored */
  words: z.object({ substitutions: count, deletions: count, insertions: count, referenceLength: count }).readonly().nullable(),
  hypothesis: hypothesisSchema,
});

/** One test utterance as a cell heard it. */
export type HeardLine = z.output<typeof lineSchema>;

/** @returns null if the training has not ended */
export function readTrained(folder: string): TrainedCell | null {
  const file = join(folder, TRAINED_FILE);
  if (!existsSync(file)) return null;
  const parsed = trainedSchema.safeParse(jsonOf(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : null;
}

/** @throws FloraAsrError `output_unwritable` */
export function writeTrained(folder: string, trained: TrainedCell): void {
  publish(folder, TRAINED_FILE, `${JSON.stringify(trained)}\n`);
}

const stepSchema = z.object({ type: z.literal('step'), step: z.int() });

/** The steps that the training's log tells of, those before it was continued included. */
export function loggedSteps(folder: string): number {
  const file = join(folder, LOG_FILE);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return Math.max(0, ...lines.flatMap((line) => stepSchema.safeParse(jsonOf(line)).data?.step ?? []));
}

/**
 * What was heard of the utterances, in their order.
 * @param engine digest of the code that they are to be heard with
 * @returns null unless all of them were
 */
export function readHeard(folder: string, engine: string, utterances: readonly Utterance[]): readonly HeardLine[] | null {
  const file = join(folder, heardFile(engine));
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const parsed = lines.flatMap((line) => lineSchema.safeParse(jsonOf(line)).data ?? []);
  const byId = new Map(parsed.map((line) => [line.id, line]));
  const found = utterances.flatMap(({ id }) => byId.get(id) ?? []);
  return found.length === utterances.length ? found : null;
}

/** In the place of what was heard before, by whatever engine. @throws FloraAsrError `output_unwritable` */
export function writeHeard(folder: string, engine: string, heard: readonly HeardUtterance[]): readonly HeardLine[] {
  const lines = heard.map(({ utterance: { id, language, text }, errors, hypothesis }) => ({
    id,
    language,
    reference: text,
    words: errors?.words ?? null,
    hypothesis,
  }));
  forgetHeard(folder);
  publish(folder, heardFile(engine), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return lines;
}

/** Of adapters that were trained anew, nothing was heard yet. */
export function forgetHeard(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (HEARD_FILES.test(name)) rmSync(join(folder, name));
}

function heardFile(engine: string): string {
  return `utterances-${engine}.jsonl`;
}

function publish(folder: string, name: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    stageFile(folder, (temporary) => writeFileSync(temporary, text)).publish(join(folder, name));
  } catch (cause) {
    throw unwritable(name, folder, cause);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
