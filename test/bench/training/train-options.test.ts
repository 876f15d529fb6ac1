import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../../adapters/adapter.ts';
import { writeAdapter } from '../../../adapters/write-adapter.ts';
import type { RunRecipe } from '../../../bench/training/run-recipe.ts';
import { trainOptions } from '../../../bench/training/train-options.ts';
import { DEFAULT_TRAINING } from '../../../bench/training/training-recipe.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { tinyAdapter } from '../../support/tiny-whisper.ts';

const newFolder = temporaryFolders();
const HELP = 'See npm run train -- --help.';

function recipeOf(...args: readonly string[]): RunRecipe {
  return trainOptions(['--out', 'out', '--language', 'ro', ...args]).recipe;
}

function jsonFile(content: unknown): string {
  const file = path.join(newFolder(), 'recipe.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** An adapter's folder that says of its training what is given. */
function adapterFolder(training: Adapter['manifest']['training'], language: string | null = 'ro'): string {
  const folder = newFolder();
  const { manifest, weights } = tinyAdapter({ name: 'trained', seed: 1 });
  writeAdapter(folder, { manifest: { ...manifest, language, training }, weights });
  return folder;
}

function manifestOf(training: Adapter['manifest']['training']): string {
  return path.join(adapterFolder(training), 'adapter.json');
}

describe('npm run train, without a recipe', () => {
  it('has the defaults, and all of Tux Paint in the languages that are named', () => {
    const run = trainOptions(['--language', 'ro, el', '--out', 'out']);
    expect(run).toEqual({
      recipe: {
        ...DEFAULT_TRAINING,
        texts: 'transcripts',
        data: ['tuxpaint'],
        languages: ['ro', 'el'],
        limit: null,
        devLimit: null,
        initial: null,
      },
      model: 'whisper-base',
      out: 'out',
      resume: false,
      initial: new Map(),
      version: '1.0.0',
      licence: 'LicenseRef-unknown',
      threads: undefined,
    });
  });

  it('takes what the run needs beside the recipe', () => {
    const options = ['--version', '2.1.0', '--licence', 'GPL-2.0-only', '--threads', '1', '--model', 'folder', '--resume'];
    expect(trainOptions(['--language', 'ro', '--out', 'there', ...options])).toMatchObject({
      model: 'folder',
      out: 'there',
      resume: true,
      version: '2.1.0',
      licence: 'GPL-2.0-only',
      threads: 1,
    });
  });
});

describe('an option of npm run train', () => {
  for (const [args, changes] of [
    [['--kind', 'lora'], { kind: 'lora' }],
    [['--rank', '4'], { ranks: { audio: 4, text: 4 } }],
    [['--text-rank', '4'], { ranks: { audio: 1, text: 4 } }],
    [['--rank', '2', '--text-rank', '4'], { ranks: { audio: 2, text: 4 } }],
    [['--epochs', '3', '--learning-rate', '1e-3'], { loop: { epochs: 3, peakLearningRate: 0.001 } }],
    [['--pull', '0.1', '--average', '0.99'], { loop: { weightDecay: 0.1, averageDecay: 0.99 } }],
    [['--patience', '2'], { loop: { patience: 2 } }],
    [['--tail', '16', '--full-share', '0'], { tailPositions: 16, fullShare: 0 }],
    [['--concatenate', '0'], { concatenation: { ...DEFAULT_TRAINING.concatenation, share: 0 } }],
    [['--no-augment'], { augmentation: null }],
    [['--distil'], { texts: 'teacher', teaching: { tokenShare: 0.8, hiddenWeight: 1 } }],
    [['--distil', '--hidden-weight', '0'], { texts: 'teacher', teaching: { tokenShare: 0.8, hiddenWeight: 0 } }],
    [['--teacher-share', '0.5'], { teaching: { tokenShare: 0.5, hiddenWeight: 0 } }],
    [['--teacher-share', '0'], { teaching: null }],
    [['--seed', '7'], { seed: 7 }],
    [['--limit', '40', '--dev-limit', '20'], { limit: 40, devLimit: 20 }],
    [['--data', 'a.jsonl', '--data', 'tuxpaint'], { data: ['a.jsonl', 'tuxpaint'] }],
  ] as const) {
    it(`is in the recipe: ${args.join(' ')}`, () => {
      expect(recipeOf(...args)).toEqual({ ...recipeOf(), ...changes });
    });
  }

  it('goes before a recipe’s file, which goes before the defaults', () => {
    const file = jsonFile({
      seed: 9,
      ranks: { audio: 2, text: 3 },
      augmentation: null,
      loop: { epochs: 4, weightDecay: 0.5 },
    });
    expect(recipeOf('--recipe', file)).toEqual({
      ...recipeOf(),
      ...{ seed: 9, ranks: { audio: 2, text: 3 }, augmentation: null, loop: { epochs: 4, weightDecay: 0.5 } },
    });
    const data = jsonFile({ data: ['a.jsonl'], limit: 40, devLimit: 20 });
    expect(recipeOf('--recipe', data)).toMatchObject({ data: ['a.jsonl'], limit: 40, devLimit: 20 });
    expect(recipeOf('--recipe', data, '--limit', '8')).toMatchObject({ data: ['a.jsonl'], limit: 8, devLimit: 20 });
    expect(recipeOf('--recipe', file, '--seed', '1', '--epochs', '2', '--rank', '4')).toMatchObject({
      seed: 1,
      ranks: { audio: 4, text: 4 },
      loop: { epochs: 2, weightDecay: 0.5 },
    });
  });
});

describe('npm run train --from', () => {
  it('does again what an adapter says of its training', () => {
    const recipe = recipeOf('--kind', 'ia3', '--epochs', '3', '--limit', '40', '--no-augment', '--data', 'a.jsonl');
    const file = manifestOf({ recipe: JSON.parse(JSON.stringify(recipe)) });
    const again = trainOptions(['--from', file, '--out', 'other', '--threads', '2']);
    expect(again).toMatchObject({ out: 'other', threads: 2 });
    expect(again.recipe).toEqual(recipe);
  });

  it('begins with what that began with, which has to be named', () => {
    const folder = adapterFolder(null);
    const { recipe, initial } = trainOptions(['--language', 'ro', '--out', 'out', '--init', folder]);
    const from = ['--out', 'other', '--from', manifestOf({ recipe: JSON.parse(JSON.stringify(recipe)) })];
    expect(trainOptions([...from, '--init', folder])).toMatchObject({ recipe, initial });
    const message = `--from began "ro" with the adapter ${initial.get('ro')?.digest}, and --init names none. ${HELP}`;
    expect(() => trainOptions(from)).toThrowError(expect.objectContaining({ code: 'argument_invalid', message }));
  });
});

describe('npm run train --init', () => {
  it('begins with the adapters of its languages, and keeps their digests', () => {
    const run = trainOptions(['--language', 'el,ro', '--out', 'out', '--init', adapterFolder(null)]);
    expect([...run.initial.keys()]).toEqual(['ro']);
    expect(run.recipe.initial).toEqual({ ro: run.initial.get('ro')?.digest });
  });
});

describe('npm run train refuses', () => {
  const out = ['--out', 'out'];
  const both = [...out, '--language', 'ro'];
  const nowhere = '/nowhere/adapter.json';
  const cases: readonly (readonly [string, () => readonly string[], string, string | RegExp])[] = [
    ['no --out', () => ['--language', 'ro'], 'argument_invalid', `--out DIR is missing: where the adapter goes. ${HELP}`],
    ['no --language', () => out, 'argument_invalid', `--language is missing: what is spoken, e.g. --language el. ${HELP}`],
    ['an empty language', () => [...out, '--language', 'ro,'], 'argument_invalid', /languages\.1: /],
    [
      'a number that is none',
      () => [...both, '--epochs', 'ten'],
      'argument_invalid',
      `--epochs takes a number, not "ten". ${HELP}`,
    ],
    ['an empty number', () => [...both, '--rank', ' '], 'argument_invalid', `--rank takes a number, not " ". ${HELP}`],
    ['no thread', () => [...both, '--threads', '0'], 'argument_invalid', /^--threads is a whole number from 1 to 1024, not 0/],
    ['a rank that is none', () => [...both, '--rank', '1.5'], 'argument_invalid', /^The command .*ranks\.audio: /],
    ['a kind that is none', () => [...both, '--kind', 'dora'], 'argument_invalid', /^The command .*kind: /],
    ['a share beyond 1', () => [...both, '--concatenate', '1.5'], 'argument_invalid', /concatenation\.share: /],
    ['a language twice', () => [...out, '--language', 'ro,ro'], 'argument_invalid', /languages: expected each language once/],
    [
      'no epochs, before anything is opened',
      () => [...both, '--epochs', '0'],
      'argument_invalid',
      /^The recipe cannot be trained by\. epochs: /,
    ],
    [
      '--from beside the recipe’s own options',
      () => [...out, '--from', nowhere, '--epochs', '3', '--no-augment'],
      'argument_invalid',
      `--from takes all of the recipe from ${nowhere}, so --epochs, --no-augment cannot stand beside it. ${HELP}`,
    ],
    [
      '--from a file that is not there',
      () => [...out, '--from', nowhere],
      'file_not_found',
      `${nowhere} is not there; --from takes an adapter.json.`,
    ],
    [
      '--from a file that is no manifest',
      () => [...out, '--from', jsonFile({})],
      'adapter_invalid',
      /recipe\.json is not an adapter's manifest\./,
    ],
    [
      '--from an adapter that does not say how it was trained',
      () => [...out, '--from', manifestOf(null)],
      'argument_invalid',
      /adapter\.json does not say how the adapter was trained/,
    ],
    [
      '--from an adapter with a recipe of something else',
      () => [...out, '--from', manifestOf({ recipe: { optimiser: 'sgd' } })],
      'argument_invalid',
      /adapter\.json has no recipe that can be trained by\. .*kind: /,
    ],
    [
      'a recipe that is not there',
      () => [...both, '--recipe', nowhere],
      'file_not_found',
      `${nowhere} is not there; --recipe takes a JSON file.`,
    ],
    ['a recipe that is not JSON', () => [...both, '--recipe', jsonFile('{')], 'argument_invalid', /is not JSON: /],
    [
      'a recipe that is a list',
      () => [...both, '--recipe', jsonFile([1])],
      'argument_invalid',
      /recipe\.json has no recipe .*expected object/,
    ],
    [
      'a recipe with a field that nobody knows',
      () => [...both, '--recipe', jsonFile({ batchSize: 6 })],
      'argument_invalid',
      /recipe\.json has no recipe that can be trained by\. Unrecognized key: "batchSize"\.$/,
    ],
    ['a recipe without ranks', () => [...both, '--recipe', jsonFile({ ranks: null })], 'argument_invalid', /\. ranks: /],
    [
      'a recipe of a loop that nobody knows',
      () => [...both, '--recipe', jsonFile({ loop: { optimiser: 'sgd' } })],
      'argument_invalid',
      /^The recipe cannot be trained by\. Unrecognized key: "optimiser"\.$/,
    ],
    [
      'a broken adapter to begin with',
      () => {
        const folder = newFolder();
        writeFileSync(path.join(folder, 'adapter.json'), '{}');
        return [...both, '--init', folder];
      },
      'adapter_invalid',
      /is not an adapter's manifest/,
    ],
  ];
  for (const [what, args, code, message] of cases) {
    it(what, () => {
      const matching = typeof message === 'string' ? message : expect.stringMatching(message);
      expect(() => trainOptions(args())).toThrowError(expect.objectContaining({ code, message: matching }));
    });
  }

  it('an option that it does not have', () => {
    expect(() => trainOptions([...both, '--batch-size', '6'])).toThrowError(
      expect.objectContaining({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' }),
    );
  });
});
