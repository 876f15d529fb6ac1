import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_FILE, readCheckpoint, writeCheckpoint } from '../../../adapters/training/checkpoint.ts';
import { recipeDifferences } from '../../../adapters/training/recipe-differences.ts';
import { train } from '../../../adapters/training/train.ts';
import type { TrainingState } from '../../../adapters/training/training-state.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { codeOf } from '../sample-adapters.ts';
import { toyRun } from './toy-run.ts';

const temporaryFolder = temporaryFolders();
const RECIPE = { loop: { epochs: 3, peakLearningRate: 0.006 }, speed: [0.85, 1.15], seed: 1 };

/** The states of a run in the order in which they were saved. */
async function savedStates(): Promise<readonly TrainingState[]> {
  const states: TrainingState[] = [];
  const saveCheckpoint = (state: TrainingState) => void states.push(structuredClone(state));
  await train({ ...toyRun({ averageDecay: 0.9, checkpointEverySteps: 2 }), saveCheckpoint });
  return states;
}

const tensorFiles = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('tensors-'));

describe('a checkpoint', () => {
  it('gives back the state that was written, exactly', async () => {
    const folder = path.join(temporaryFolder(), 'made', 'here');
    for (const state of await savedStates()) {
      writeCheckpoint(folder, state, RECIPE);
      expect(readCheckpoint(folder, RECIPE)).toEqual(state);
    }
  });

  it('is one: older tensors, and what a killed writer has left, go', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, '.0b1c.part'), 'half');
    for (const state of await savedStates()) writeCheckpoint(folder, state, RECIPE);
    expect(readdirSync(folder).sort()).toEqual([CHECKPOINT_FILE, tensorFiles(folder)[0]]);
  });

  it('is null where there is none', () => {
    expect(readCheckpoint(temporaryFolder(), RECIPE)).toBeNull();
    expect(readCheckpoint(path.join(temporaryFolder(), 'nowhere'), RECIPE)).toBeNull();
  });

  it('stays the old one when the new one cannot be written', async () => {
    const [first, second] = (await savedStates()) as [TrainingState, TrainingState];
    const folder = temporaryFolder();
    writeCheckpoint(folder, first, RECIPE);
    const broken = { ...second, learners: second.learners.map((learner) => ({ ...learner, name: 'el' })) };
    expect(codeOf(() => writeCheckpoint(folder, broken, RECIPE))).toBe('argument_invalid');
    const circular: Record<string, unknown> = {};
    circular['itself'] = circular;
    expect(codeOf(() => writeCheckpoint(folder, second, circular))).toBe('output_unwritable');
    expect(readCheckpoint(folder, RECIPE)).toEqual(first);
  });

  it('says which folder cannot be written', async () => {
    const [first] = (await savedStates()) as [TrainingState];
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => writeCheckpoint(file, first, RECIPE)).toThrow(/checkpoint could not be written to .*file \(EEXIST/);
    expect(codeOf(() => writeCheckpoint(file, first, RECIPE))).toBe('output_unwritable');
  });
});

describe('a checkpoint of another recipe', () => {
  it('is refused by the names of the fields that differ', async () => {
    const folder = temporaryFolder();
    const [first] = (await savedStates()) as [TrainingState];
    writeCheckpoint(folder, first, RECIPE);
    const other = { ...RECIPE, loop: { epochs: 3, peakLearningRate: 0.004 }, speed: [0.85], kind: 'flora' };
    expect(() => readCheckpoint(folder, other)).toThrow(
      /loop\.peakLearningRate was 0\.006 and is 0\.004 now; speed\[1\] was 1\.15 and is absent now; kind was absent and is "flora" now/,
    );
    expect(codeOf(() => readCheckpoint(folder, other))).toBe('checkpoint_incompatible');
  });

  it('is taken if only the order of the fields is another', async () => {
    const folder = temporaryFolder();
    const [first] = (await savedStates()) as [TrainingState];
    writeCheckpoint(folder, first, RECIPE);
    const { seed, speed, loop } = RECIPE;
    expect(readCheckpoint(folder, { seed, speed, loop, notGiven: undefined })).toEqual(first);
  });

  it('differs where one side has a list and the other fields', () => {
    expect(recipeDifferences({ a: [1] }, { a: { 0: 1 } })).toEqual([{ field: 'a', left: [1], right: { 0: 1 } }]);
    expect(recipeDifferences({ a: null }, { a: null })).toEqual([]);
  });
});

describe('a damaged checkpoint is refused, naming what is wrong', () => {
  const cases: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    [
      'no JSON',
      (folder) => writeFileSync(path.join(folder, CHECKPOINT_FILE), '{"formatVersion":'),
      /checkpoint\.json is not JSON/,
    ],
    [
      'a field that is missing',
      (folder) => edit(folder, (file) => ({ ...file, step: undefined })),
      /checkpoint\.json is no checkpoint .* step: /,
    ],
    ['a later format', (folder) => edit(folder, (file) => ({ ...file, formatVersion: 2 })), /reads formatVersion 1/],
    [
      'tensors that lie elsewhere',
      (folder) => edit(folder, (file) => ({ ...file, tensors: { file: '../tensors', digest: '' } })),
      /tensors\.file/,
    ],
    ['tensors that are gone', (folder) => rmSync(path.join(folder, tensorFiles(folder)[0] as string)), /names, is not there/],
    [
      'a bit that has changed',
      (folder) => {
        const file = path.join(folder, tensorFiles(folder)[0] as string);
        const content = readFileSync(file);
        content.writeUInt8(content.readUInt8(content.length - 3) ^ 1, content.length - 3);
        writeFileSync(file, content);
      },
      /has changed: it has sha256:/,
    ],
    [
      'tensors that are cut off',
      (folder) => {
        const file = path.join(folder, tensorFiles(folder)[0] as string);
        writeFileSync(file, readFileSync(file).subarray(0, 90));
      },
      /has changed/,
    ],
    [
      'a learner that has no tensors',
      (folder) => edit(folder, (file) => ({ ...file, learners: [{ ...first(file['learners']), name: 'sq' }] })),
      /no tensor sq\.parameters/,
    ],
  ];
  it.each(cases)('%s', async (_, damage, message) => {
    const folder = temporaryFolder();
    const state = (await savedStates()).at(-1) as TrainingState;
    mkdirSync(folder, { recursive: true });
    writeCheckpoint(folder, state, RECIPE);
    damage(folder);
    expect(() => readCheckpoint(folder, RECIPE)).toThrow(message);
    expect(codeOf(() => readCheckpoint(folder, RECIPE))).toBe('checkpoint_invalid');
  });

  function edit(folder: string, change: (file: Record<string, unknown>) => object): void {
    const file = path.join(folder, CHECKPOINT_FILE);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)));
  }

  function first(list: unknown): object {
    return (list as readonly object[])[0] as object;
  }
});
