import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Adapter } from '../../adapters/adapter.ts';
import { requireAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { parseManifest } from '../../adapters/manifest.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { parseRecipeFields, parseRunRecipe, type RunRecipe } from './run-recipe.ts';
import type { TrainingRun } from './run-training.ts';
import { DEFAULT_TRAINING } from './training-recipe.ts';

export const TRAIN_HELP = `Trains language adapters from recordings and their texts, on the CPU, without Python.

Usage: npm run train -- --language el --data MANIFEST --out DIR [options]
       npm run train -- --distil --language ca,el,ru --data RECORDINGS --out DIR
       npm run train -- --from DIR/adapter.json --out OTHER

Several languages train at once: their utterances share batches, and each row trains its own adapter. After each epoch
the dev split is recognised as the service would, and the best parameters are kept. DIR gets adapter.json and
adapter.safetensors (with several languages, a folder for each), training.jsonl and curves.svg.

With --distil no transcripts are needed: one adapter for any language learns to hear at an utterance's own length what
the base model hears at 30 s.

Data and results:
  --language LIST       Whisper's codes, e.g. el or bg,ca
  --data NAME|PATH      a corpus (tuxpaint), a manifest (.jsonl, .tsv), a folder of Common Voice or FLEURS, or one of
                        recordings with .txt files; may be given several times (default tuxpaint). With :LANGUAGES
                        behind it, e.g. asterisk:es,fr, of these alone
  --out DIR             where results go; loads into the service as it is
  --limit N             so many training utterances of each language
  --dev-limit N         so many dev utterances of each language
  --resume              go on from the checkpoint in DIR, as if the run had never stopped
  --init DIR            begin with the adapters in DIR, by language, and not with the base model
  --from FILE           do again what an adapter.json says of its training
  --version X.Y.Z       of the adapters (default 1.0.0)
  --licence SPDX        of the adapters, which depends on the data (default LicenseRef-unknown)

Recipe:
  --kind KIND           flora, ia3 or lora (default flora)
  --rank N              at the layers that run over audio (default ${DEFAULT_TRAINING.ranks.audio})
  --text-rank N         at the decoder's others (default: as --rank)
  --epochs N            passes over the data (default 10)
  --learning-rate X     at its peak (default 6e-3 for flora, 4e-3 for ia3, 2e-4 for lora)
  --pull X              towards the base model, as weight decay (default 0.01)
  --average X           decay of a moving average of the parameters, which is kept in their place (default none)
  --patience N          end after N measurements without any gain (default 4)
  --tail N              encoder positions behind an utterance's own (default ${DEFAULT_TRAINING.tailPositions})
  --full-share X        of the batches, at 30 s (default ${DEFAULT_TRAINING.fullShare})
  --concatenate X       of the examples, two or more utterances in a row (default ${DEFAULT_TRAINING.concatenation.share})
  --no-augment          recordings as they are
  --recipe FILE         JSON with any of the recipe's fields, as in adapter.json; options go before it
  --distil              from what the base model hears at full context: its texts, its certainty, its hidden states
  --teacher-share X     of the target distribution, the base model's (default 0; with --distil 0.8)
  --hidden-weight X     of the distance from the base model's hidden states (default 0; with --distil 1)
  --seed N              (default ${DEFAULT_TRAINING.seed})

  --model NAME          whisper-base, another of \`npm run models -- list\`, or a folder (default whisper-base)
  --threads N           (default: one for each core)
  --help                this text
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

const OPTIONS = {
  language: text,
  data: { type: 'string', multiple: true },
  out: text,
  limit: text,
  'dev-limit': text,
  resume: flag,
  init: text,
  from: text,
  version: { type: 'string', default: '1.0.0' },
  licence: { type: 'string', default: 'LicenseRef-unknown' },
  kind: text,
  rank: text,
  'text-rank': text,
  epochs: text,
  'learning-rate': text,
  pull: text,
  average: text,
  patience: text,
  tail: text,
  'full-share': text,
  concatenate: text,
  'no-augment': flag,
  distil: flag,
  'teacher-share': text,
  'hidden-weight': text,
  recipe: text,
  seed: text,
  model: { type: 'string', default: 'whisper-base' },
  threads: text,
} as const;

/** Of a context adapter: what the base model hears is all that there is to learn. */
const DISTILLING = { tokenShare: 0.8, hiddenWeight: 1 };

const DEFAULTS: Omit<RunRecipe, 'languages' | 'initial'> = {
  ...DEFAULT_TRAINING,
  texts: 'transcripts',
  data: ['tuxpaint'],
  limit: null,
  devLimit: null,
};

const MOST_THREADS = 1_024;

/** Options that are no part of what `--from` does again. */
const BESIDE_RECIPE: ReadonlySet<string> = new Set(['out', 'resume', 'init', 'from', 'version', 'licence', 'model', 'threads']);

type Given = ReturnType<typeof parseTrainArgs>;

/** @throws FloraAsrError `argument_invalid`, `file_not_found`, `adapter_invalid` */
export function trainOptions(args: readonly string[]): TrainingRun {
  const given = parseTrainArgs(args);
  if (given.out === undefined) throw wrong('--out DIR is missing: where the adapter goes');
  const again = given.from === undefined ? null : recipeAgain(given.from, given);
  const languages = given.language?.split(',').map((code) => code.trim()) ?? again?.languages;
  if (languages === undefined) throw wrong('--language is missing: what is spoken, e.g. --language el');
  const initial = given.init === undefined ? new Map<string, Adapter>() : adaptersByLanguage(given.init, languages);
  if (again !== null) requireSameBeginning(again, initial);
  return {
    recipe: again ?? recipeFrom(given, languages, initial),
    model: given.model,
    out: given.out,
    resume: given.resume,
    initial,
    version: given.version,
    licence: given.licence,
    threads: threadsOf(given),
  };
}

function threadsOf(given: Given): number | undefined {
  const threads = numberOf(given, 'threads');
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) return threads;
  throw wrong(`--threads is a whole number from 1 to ${MOST_THREADS}, not ${threads}`);
}

function parseTrainArgs(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/** Defaults, then what a file says, then what options say. */
function recipeFrom(given: Given, languages: readonly string[], initial: ReadonlyMap<string, Adapter>): RunRecipe {
  const file = given.recipe === undefined ? {} : parseRecipeFields(jsonIn(given.recipe), given.recipe);
  const base = { ...DEFAULTS, ...file };
  const audio = numberOf(given, 'rank') ?? base.ranks.audio;
  const loop = defined({
    epochs: numberOf(given, 'epochs'),
    peakLearningRate: numberOf(given, 'learning-rate'),
    weightDecay: numberOf(given, 'pull'),
    averageDecay: numberOf(given, 'average'),
    patience: numberOf(given, 'patience'),
  });
  const share = numberOf(given, 'concatenate');
  const recipe = {
    ...base,
    ...defined({
      kind: given.kind,
      seed: numberOf(given, 'seed'),
      tailPositions: numberOf(given, 'tail'),
      fullShare: numberOf(given, 'full-share'),
    }),
    ranks: { audio, text: numberOf(given, 'text-rank') ?? (given.rank === undefined ? base.ranks.text : audio) },
    ...(share === undefined ? {} : { concatenation: { ...base.concatenation, share } }),
    ...(given['no-augment'] ? { augmentation: null } : {}),
    teaching: teachingOf(given, base.teaching),
    loop: { ...base.loop, ...loop },
    texts: given.distil ? 'teacher' : base.texts,
    data: given.data ?? base.data,
    languages,
    limit: numberOf(given, 'limit') ?? base.limit,
    devLimit: numberOf(given, 'dev-limit') ?? base.devLimit,
    initial: initial.size === 0 ? null : Object.fromEntries([...initial].map(([language, { digest }]) => [language, digest])),
  };
  return parseRunRecipe(recipe, given.recipe ?? 'The command');
}

/** A teacher that has nothing to say is not asked. */
function teachingOf(given: Given, fromFile: RunRecipe['teaching']): RunRecipe['teaching'] {
  const base = fromFile ?? (given.distil ? DISTILLING : { tokenShare: 0, hiddenWeight: 0 });
  const teaching = {
    tokenShare: numberOf(given, 'teacher-share') ?? base.tokenShare,
    hiddenWeight: numberOf(given, 'hidden-weight') ?? base.hiddenWeight,
  };
  return teaching.tokenShare === 0 && teaching.hiddenWeight === 0 ? null : teaching;
}

/** The recipe of an adapter, to which nothing is added. */
function recipeAgain(file: string, given: Given): RunRecipe {
  const added = Object.entries(given).filter(
    ([name, value]) => value !== undefined && value !== false && !BESIDE_RECIPE.has(name),
  );
  if (added.length > 0) {
    throw wrong(
      `--from takes all of the recipe from ${file}, so --${added.map(([name]) => name).join(', --')} cannot stand beside it`,
    );
  }
  return recipeOf(file);
}

/** A recipe has no more than the digests of the adapters that its run began with. */
function requireSameBeginning({ initial: recorded }: RunRecipe, initial: ReadonlyMap<string, Adapter>): void {
  for (const language of new Set([...Object.keys(recorded ?? {}), ...initial.keys()])) {
    const [before, now] = [recorded?.[language] ?? 'none', initial.get(language)?.digest ?? 'none'];
    if (before !== now) throw wrong(`--from began "${language}" with the adapter ${before}, and --init names ${now}`);
  }
}

function recipeOf(file: string): RunRecipe {
  if (!existsSync(file)) throw new FloraAsrError('file_not_found', `${file} is not there; --from takes an adapter.json.`);
  const recipe = parseManifest(readFileSync(file, 'utf8'), file).training?.recipe;
  if (recipe === undefined || recipe === null) throw wrong(`${file} does not say how the adapter was trained`);
  return parseRunRecipe(recipe, file);
}

function adaptersByLanguage(folder: string, languages: readonly string[]): ReadonlyMap<string, Adapter> {
  const adapters = requireAdaptersFrom(folder);
  return new Map(
    languages.flatMap((language) => {
      const adapter = adapters.find(({ manifest }) => manifest.language === language);
      return adapter === undefined ? [] : [[language, adapter] as const];
    }),
  );
}

function jsonIn(file: string): unknown {
  if (!existsSync(file)) throw new FloraAsrError('file_not_found', `${file} is not there; --recipe takes a JSON file.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw wrong(`${file} is not JSON: ${(cause as Error).message}`);
  }
}

function numberOf(given: Given, name: keyof Given): number | undefined {
  const value = given[name];
  if (typeof value !== 'string') return undefined;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) return number;
  throw wrong(`--${name} takes a number, not "${value}"`);
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function wrong(what: string): FloraAsrError {
  return new FloraAsrError('argument_invalid', `${what}. See npm run train -- --help.`);
}
