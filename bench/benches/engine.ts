import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import { ENGINE_OPTIONS } from '../peers/faster-whisper.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { ENGINE_FLAGS, ENGINE_HELP, type EngineBenchOptions, engineOptionsSchema } from './engine-options.ts';
import { type EnginePair, startEnginePairs } from './engine-pairs.ts';
import { type EngineMeasurements, engineReport, type MeasuredRounds } from './engine-report.ts';
import { describeSet, type EngineRow, engineRows, peerRows } from './engine-set.ts';
import { batchedPeerSystem, peerSystem } from './engine-systems.ts';
import { engineText } from './engine-text.ts';
import { BENCH_ADAPTER } from './language-adapters.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { readOptions } from './options.ts';
import { type MeasuredSystem, measureRounds } from './rounds.ts';
import { obtainTuxpaint, obtainWeights, startPeer } from './set-up.ts';

export const engine: Bench = {
  name: 'engine',
  summary: 'utterances per second against faster-whisper int8; what adapters cost',
  help: ENGINE_HELP,
  run,
};

const SETTLE_MS = 200;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, ENGINE_FLAGS, engineOptionsSchema);
  const location = await obtainWeights(options.model, context);
  const corpus = await obtainTuxpaint(context);
  const choice = { languages: options.languages, perLanguage: options.utterances };
  const rows = engineRows(corpus, openTokenizer(location.tokenizerPath), choice);
  const timed = options.peerUtterances === 'all' ? rows : peerRows(rows, options.peerUtterances);

  const opened: { close(): Promise<void> }[] = [];
  try {
    // the peer first: it may have to be installed, and that fails sooner than a model compiles
    context.progress.note('Starting faster-whisper in int8');
    const peer = await startPeer({ location, computeType: 'int8', cpuThreads: options.threads }, context);
    opened.push(peer);
    const pairs = await startEnginePairs({ location, rows, options, context, opened });
    const systems = {
      pairs,
      peer: peerSystem(peer, { name: 'faster-whisper int8', rounds: options.rounds, rows: timed }),
      batched: batchedPeerSystem(peer, { name: 'its batched pipeline', rounds: options.batchedRounds, rows }),
    };
    const report = engineReport(await measure(systems, context));
    const document = {
      bench: 'engine',
      ...report,
      sets: { ours: describeSet(rows), fasterWhisper: describeSet(timed), fasterWhisperBatched: describeSet(rows) },
      settings: settingsOf(options),
      weights: { name: location.name, digest: location.digest },
      corpus: { name: corpus.name, source: corpus.source },
      runtimes: { ours: pairs.map(({ runtime }) => runtime), fasterWhisper: peer.description },
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: [setsText(rows, timed), '', engineText(report)].join('\n') };
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
}

interface Systems {
  readonly pairs: readonly [EnginePair, ...EnginePair[]];
  readonly peer: MeasuredSystem;
  readonly batched: MeasuredSystem;
}

async function measure({ pairs, peer, batched }: Systems, { signal, progress }: BenchContext): Promise<EngineMeasurements> {
  const all = [...pairs.flatMap(({ withAdapters, withoutAdapters }) => [withAdapters, withoutAdapters]), peer, batched];
  const measured = await measureRounds(
    all.filter((system) => system.rounds > 0),
    {
      settleMs: SETTLE_MS,
      signal,
      onWarmUp: ({ name }) => progress.note(`Warming up: ${name}`),
      onMeasured: ({ name }, { utterances, seconds }, { done, total }) =>
        progress.note(`${done}/${total}  ${name}: ${(utterances / seconds).toFixed(2)} utterances/s`),
    },
  );
  const roundsOf = (system: MeasuredSystem): MeasuredRounds => ({
    name: system.name,
    rounds: measured.get(system) ?? [],
  });
  const roundsOfPair = ({ runtime, withAdapters, withoutAdapters }: EnginePair) => ({
    computeType: runtime.computeType.precision,
    withAdapters: roundsOf(withAdapters),
    withoutAdapters: roundsOf(withoutAdapters),
  });
  const [first, ...others] = pairs;
  return {
    ours: [roundsOfPair(first), ...others.map(roundsOfPair)],
    peer: roundsOf(peer),
    batched: batched.rounds > 0 ? roundsOf(batched) : null,
  };
}

function settingsOf(options: EngineBenchOptions): Readonly<Record<string, unknown>> {
  return {
    ...options,
    adapters: { ...BENCH_ADAPTER, targets: 'all', count: options.languages.length },
    decoding: { guards: false, retries: false, forcedTokenCount: 'of the reference text' },
    fasterWhisper: { ...ENGINE_OPTIONS, max_new_tokens: 'of the reference text' },
    settleMs: SETTLE_MS,
  };
}

function setsText(rows: readonly EngineRow[], timed: readonly EngineRow[]): string {
  const [ours, theirs] = [rows, timed].map((set) => {
    const { utterances, meanSeconds, meanTokens } = describeSet(set);
    return `${utterances} utterances of ${meanSeconds.toFixed(2)} s and ${meanTokens.toFixed(1)} tokens on average`;
  });
  return `Ours: ${ours}\nfaster-whisper: ${theirs}`;
}
