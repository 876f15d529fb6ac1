import { resolve } from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import { requireAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { BenchContext, BenchOutcome } from '../benches/bench.ts';
import { describeMachine, ourVersions } from '../benches/machine.ts';
import { readOptions } from '../benches/options.ts';
import { obtainWeights } from '../benches/set-up.ts';
import type { Utterance } from '../corpora/corpus.ts';
import { KNOWN_CORPORA } from '../corpora/known-corpora.ts';
import type { PackedCorpus } from '../corpora/packed-corpus.ts';
import { overTelephone } from '../training/telephone-channel.ts';
import { type CardWriting, readSummary, writeCards } from './cards/write-cards.ts';
import { chooseAdapters } from './choose-adapters.ts';
import { EVAL_FLAGS, type EvalOptions, evalOptionsSchema } from './eval-options.ts';
import { type EvalRun, evalReport, type HeardSystem } from './eval-report.ts';
import type { EvalSystem } from './eval-system.ts';
import { openEvalSystems } from './eval-systems.ts';
import { evalText } from './eval-text.ts';
import { obtainCorpus } from './obtain-corpus.ts';
import { worstUtterances } from './report/worst-utterances.ts';
import { writeReport } from './report/write-report.ts';
import { type HeardUtterance, heardUtterance } from './system-scores.ts';

/** What is measured, found before anything is heard. */
interface Task {
  readonly options: EvalOptions;
  readonly corpus: PackedCorpus;
  readonly utterances: readonly Utterance[];
  readonly adaptersFolder: string | null;
  /** by language */
  readonly adapters: ReadonlyMap<string, Adapter>;
  /** null if nothing of ours is measured, nor a peer over the same weights */
  readonly location: CheckpointLocation | null;
}

/** @throws FloraAsrError `argument_invalid`, and whatever keeps it from measuring */
export async function evaluate(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const task = await prepare(readOptions(args, EVAL_FLAGS, evalOptionsSchema), context);
  const { options, utterances, corpus } = task;
  const others = options.cardExtra.map((file) => readSummary(resolveHere(file, context)));
  const samplesOf = (utterance: Utterance) => {
    const samples = corpus.samples(utterance);
    return options.augment === 'telephone' ? overTelephone(samples, 'mulaw') : samples;
  };
  const systems = await openEvalSystems({ ...task, samplesOf }, context);
  try {
    const ours = await hearAll(systems.ours, utterances, context);
    const peers = await hearAll(systems.peers, utterances, context);
    const run: EvalRun = { utterances, ours, peers };
    const report = evalReport(run, options);
    const document = { command: 'eval', ...report, ...describe(task), runtime: systems.runtime };
    const written = options.out === undefined ? null : resolveHere(options.out, context);
    if (written !== null) {
      const shown = worstUtterances(run, options.worst);
      await writeReport({ folder: written, document, samplesOf, run, report, shown, facts: facts(task) });
    }
    const cards = options.cards ? cardsOf(task, [{ source: 'This evaluation', document }, ...others], context) : [];
    const where = [
      ...(written === null ? [] : ['', `Written: ${written}/report.html, utterances.jsonl, summary.json`]),
      ...(cards.length === 0 ? [] : ['', `Cards: ${cards.join(', ')}`]),
    ];
    return { document, text: [...facts(task).map((pair) => pair.join(': ')), '', evalText(report), ...where].join('\n') };
  } finally {
    await systems.close();
  }
}

function cardsOf(
  { adaptersFolder, adapters }: Task,
  documents: CardWriting['documents'],
  context: BenchContext,
): readonly string[] {
  if (adaptersFolder === null) return [];
  return writeCards({ folder: adaptersFolder, adapters: adapters.values(), documents, from: resolveHere('.', context) });
}

async function prepare(options: EvalOptions, context: BenchContext): Promise<Task> {
  const corpus = await openCorpusFor(options, context);
  const adaptersFolder = adaptersFolderOf(options, context);
  const loaded = adaptersFolder === null ? [] : requireAdaptersFrom(adaptersFolder);
  const languages = languagesOf(options, corpus, loaded);
  const adapters = chooseAdapters(loaded, languages, options.adapter ?? null);
  requireSomething(options, adapters);
  const utterances = languages.flatMap((language) =>
    corpus.utterances({ languages: [language], split: options.split }).slice(0, options.limit),
  );
  if (utterances.length === 0) {
    const what = `${options.split} utterances in ${languages.join(', ')}`;
    throw new FloraAsrError('argument_invalid', `The corpus ${corpus.name} has no ${what}.`);
  }
  const withoutAdapter = languages.filter((language) => !adapters.has(language));
  if (adapters.size > 0 && withoutAdapter.length > 0) {
    context.progress.note(
      `No adapter in ${adaptersFolder} is for ${withoutAdapter.join(', ')}: only the base model hears those`,
    );
  }
  return { options, corpus, utterances, adaptersFolder, adapters, location: await locate(options, adapters, context) };
}

/** A path is meant as whoever typed it sees it, unless it is the name of a corpus. */
async function openCorpusFor({ corpus, language, languages }: EvalOptions, context: BenchContext): Promise<PackedCorpus> {
  const named = KNOWN_CORPORA.some(({ name }) => name === corpus);
  return obtainCorpus({ nameOrPath: named ? corpus : resolveHere(corpus, context), language, languages }, context);
}

/** What is there by default is used where nothing is said; `none` is said. */
function adaptersFolderOf({ adapters, adapter }: EvalOptions, context: BenchContext): string | null {
  const folder = adapters === undefined ? publishedAdapters() : adapters === 'none' ? null : resolveHere(adapters, context);
  if (adapter === undefined || folder !== null) return folder;
  throw new FloraAsrError('argument_invalid', `--adapter ${adapter} is to be found nowhere: name its folder with --adapters`);
}

function languagesOf({ languages, adapter }: EvalOptions, corpus: PackedCorpus, loaded: readonly Adapter[]): readonly string[] {
  const unknown = languages?.filter((language) => !corpus.languages.includes(language)) ?? [];
  if (unknown.length > 0) {
    throw new FloraAsrError(
      'argument_invalid',
      `--languages: the corpus ${corpus.name} has no ${unknown.join(', ')}; it has ${corpus.languages.join(', ')}`,
    );
  }
  if (languages !== undefined) return languages;
  const named = loaded.find(({ id, manifest }) => adapter === id || adapter === manifest.name);
  const own = named?.manifest.language ?? null;
  return own !== null && corpus.languages.includes(own) ? [own] : corpus.languages;
}

function requireSomething({ noBase, url, peers }: EvalOptions, adapters: ReadonlyMap<string, Adapter>): void {
  if (!noBase || adapters.size > 0 || url !== undefined || peers !== 'none') return;
  throw new FloraAsrError('argument_invalid', '--no-base leaves nothing to measure: name --adapters, --peers or --url');
}

async function locate(options: EvalOptions, adapters: ReadonlyMap<string, Adapter>, context: BenchContext) {
  const { weights, signal, progress } = context;
  if (options.peers !== 'none') return obtainWeights(options.model, context);
  if (options.noBase && adapters.size === 0) return null;
  return resolveWeights(options.model, { ...weights, signal, onEvent: progress.onWeights });
}

async function hearAll(
  systems: readonly EvalSystem[],
  utterances: readonly Utterance[],
  { progress }: BenchContext,
): Promise<readonly HeardSystem[]> {
  const heardSystems: HeardSystem[] = [];
  for (const system of systems) {
    const { name, title } = system;
    const asked = utterances.filter(({ language }) => system.serves(language));
    const hypotheses = await system.hear(asked, {
      onCached: (count, total) => progress.note(`${title}: ${count} of ${total} texts are in the cache`),
      onDone: (done, total) => progress.advance({ title: `Listening: ${title}`, done, total, unit: 'files' }),
    });
    const heard = new Map<Utterance, HeardUtterance>();
    for (const [index, hypothesis] of hypotheses.entries()) {
      const utterance = asked[index] as Utterance;
      heard.set(utterance, heardUtterance(utterance, hypothesis));
    }
    heardSystems.push({ name, title, heard: utterances.map((utterance) => heard.get(utterance) ?? null) });
  }
  return heardSystems;
}

function describe({ options, corpus, utterances, adapters, location }: Task): Readonly<Record<string, unknown>> {
  const { apiKey: _, ...settings } = options;
  return {
    settings,
    corpus: {
      name: corpus.name,
      source: corpus.source,
      split: options.split,
      utterances: utterances.length,
      leftOut: corpus.leftOut,
    },
    weights: location && { name: location.name, digest: location.digest },
    adapters: Object.fromEntries([...adapters].map(([language, { id, digest }]) => [language, { id, digest }])),
    versions: ourVersions(),
    machine: describeMachine(),
  };
}

function facts({ options, utterances, adapters, location }: Task): readonly (readonly [string, string])[] {
  const seconds = utterances.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const way = options.live
    ? 'through /v1/stream, in real time'
    : `offline, adapters at ${options.context === 'own' ? 'their own' : 'full'} context`;
  const listed = [...adapters].map(([language, { id }]) => `${language} ${id}`);
  return [
    ['Corpus', `${options.corpus}, ${options.split}: ${utterances.length} utterances, ${(seconds / 60).toFixed(1)} minutes`],
    ['Weights', location === null ? 'none of ours' : `${location.name} (${location.digest.slice(0, 19)}…)`],
    ['Adapters', listed.length === 0 ? 'none' : listed.join(', ')],
    ['How', [way, ...(options.augment === 'telephone' ? ['over a telephone: 300 to 3,400 Hz, 8-bit µ-law'] : [])].join('; ')],
  ];
}

/** As whoever typed it sees it: npm runs commands in the project's folder. */
function resolveHere(path: string, { env }: BenchContext): string {
  return resolve(env['INIT_CWD'] ?? '.', path);
}
