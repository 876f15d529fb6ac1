import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { type NamedTensor, openSafetensors, writeSafetensors } from '../../kernels/safetensors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import { forceFolderToDisk, isStagedFile, stageFile, unwritable } from '../staged-file.ts';
import { type CheckpointFile, parseCheckpoint } from './checkpoint-format.ts';
import { recipeDifferences } from './recipe-differences.ts';
import type { LearnerState, TrainingState } from './training-state.ts';

export const CHECKPOINT_FILE = 'checkpoint.json';

/** All that a run depends on: settings, seed, digests of its data. Plain JSON. */
export type RunRecipe = Readonly<Record<string, unknown>>;

/** How many differing fields an error spells out. */
const SHOWN_DIFFERENCES = 4;

/**
 * Writes a state into a folder that holds nothing else, which is made if need be, in the place of the one
 * before. `checkpoint.json` names the file of the tensors and its digest, and is replaced in one step when
 * that file is whole on the disk: until then the checkpoint is the old one, afterwards the new one.
 * @param recipe the run's; whoever goes on with it must have the same
 * @throws FloraAsrError `output_unwritable`; then the checkpoint is the old one
 */
export function writeCheckpoint(folder: string, state: TrainingState, recipe: RunRecipe): void {
  try {
    mkdirSync(folder, { recursive: true });
    const tensors = stageFile(folder, (temporary) => writeSafetensors(temporary, tensorsOf(state), { dtype: 'f32' }));
    const digest = sha256Of(tensors.temporary);
    const file = `tensors-${digest.slice(0, 16)}.safetensors`;
    tensors.publish(path.join(folder, file));
    const text = JSON.stringify(fileOf(state, recipe, { file, digest: `sha256:${digest}` }));
    stageFile(folder, (temporary) => writeFileSync(temporary, text)).publish(path.join(folder, CHECKPOINT_FILE));
    forceFolderToDisk(folder);
    removeOthers(folder, file);
  } catch (cause) {
    throw unwritable('The checkpoint', folder, cause);
  }
}

/**
 * Reads the state from which a run can go on.
 * @param recipe that of the run that is to go on
 * @returns null if the folder has no checkpoint
 * @throws FloraAsrError `checkpoint_invalid`, naming the folder and what is wrong in it; `checkpoint_incompatible`,
 *   naming the fields in which the recipes differ
 */
export function readCheckpoint(folder: string, recipe: RunRecipe): TrainingState | null {
  const source = path.join(folder, CHECKPOINT_FILE);
  if (!existsSync(source)) return null;
  const file = parseCheckpoint(readFileSync(source, 'utf8'), source);
  refuseOtherRecipe(folder, file.recipe, recipe);
  const tensorsPath = path.join(folder, file.tensors.file);
  if (!existsSync(tensorsPath)) throw invalid(folder, `${file.tensors.file}, which ${CHECKPOINT_FILE} names, is not there`);
  const digest = `sha256:${sha256Of(tensorsPath)}`;
  if (digest !== file.tensors.digest) {
    throw invalid(folder, `${file.tensors.file} has changed: it has ${digest}, not ${file.tensors.digest}`);
  }
  const tensors = openSafetensors(tensorsPath);
  try {
    const { step, stepInEpoch, epoch, measuredStep, measurementsWithoutGain, history } = file;
    const learners = file.learners.map((learner) => learnerFrom(learner, tensors));
    return { step, stepInEpoch, epoch, measuredStep, measurementsWithoutGain, learners, history };
  } catch (cause) {
    throw invalid(folder, (cause as Error).message.replace(/\.$/, ''), cause);
  } finally {
    tensors.close();
  }
}

type Part = 'parameters' | 'average' | 'first_moment' | 'second_moment' | 'best';

function tensorsOf(state: TrainingState): readonly NamedTensor[] {
  return state.learners.flatMap(({ name, parameters, average, moments, best }) => {
    const parts: readonly (readonly [Part, Float32Array | null])[] = [
      ['parameters', parameters],
      ['average', average],
      ['first_moment', moments.first],
      ['second_moment', moments.second],
      ['best', best?.parameters ?? null],
    ];
    return parts.flatMap(([part, values]) =>
      values === null ? [] : [{ name: tensorName(name, part), shape: [values.length], values }],
    );
  });
}

function learnerFrom(learner: CheckpointFile['learners'][number], tensors: TensorSource): LearnerState {
  const { name, averaged, updates, skipsInARow, best } = learner;
  const read = (part: Part) => tensors.read(tensorName(name, part));
  return {
    name,
    parameters: read('parameters'),
    average: averaged ? read('average') : null,
    moments: { first: read('first_moment'), second: read('second_moment') },
    updates,
    skipsInARow,
    best: best === null ? null : { ...best, parameters: read('best') },
  };
}

function tensorName(learner: string, part: Part): string {
  return `${learner}.${part}`;
}

function fileOf(state: TrainingState, recipe: RunRecipe, tensors: CheckpointFile['tensors']): CheckpointFile {
  const { step, stepInEpoch, epoch, measuredStep, measurementsWithoutGain } = state;
  return {
    formatVersion: 1,
    tensors,
    recipe,
    ...{ step, stepInEpoch, epoch, measuredStep, measurementsWithoutGain },
    learners: state.learners.map(({ name, average, updates, skipsInARow, best }) => ({
      name,
      averaged: average !== null,
      updates,
      skipsInARow,
      best: best === null ? null : { wer: best.wer, step: best.step, epoch: best.epoch },
    })),
    history: state.history,
  };
}

function refuseOtherRecipe(folder: string, begun: RunRecipe, wanted: RunRecipe): void {
  const differences = recipeDifferences(begun, JSON.parse(JSON.stringify(wanted)));
  if (differences.length === 0) return;
  const shown = differences
    .slice(0, SHOWN_DIFFERENCES)
    .map(({ field, left, right }) => `${field} was ${shownValue(left)} and is ${shownValue(right)} now`);
  const more = differences.length - shown.length;
  throw new FloraAsrError(
    'checkpoint_incompatible',
    `The run in ${folder} was begun with another recipe: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}. ` +
      'Go on with the same one, or name another folder.',
  );
}

function shownValue(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** Tensors of older checkpoints, and what writers that were killed have left. */
function removeOthers(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    const older = /^tensors-[0-9a-f]{16}\.safetensors$/.test(name) && name !== current;
    if (older || isStagedFile(name)) rmSync(path.join(folder, name), { force: true });
  }
}

function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function invalid(folder: string, problem: string, cause?: unknown): FloraAsrError {
  return new FloraAsrError('checkpoint_invalid', `The checkpoint in ${folder} cannot be read: ${problem}.`, { cause });
}
