import { z } from 'zod';
import { requireAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { Engine } from '../../asr/engine/engine.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { DEFAULT_POLICY, type PartialPolicySettings } from '../../asr/streaming/partial-policy.ts';
import { DEFAULT_PARTIALS } from '../../asr/streaming/partial-settings.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { normaliseText } from '../metrics/normalise.ts';
import { errorRatePercent, sumEdits, wordErrors } from '../metrics/wer.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { COMMON_FLAGS, COMMON_HELP, commonSchema, countOption, PROMISED_LANGUAGES, readOptions } from './options.ts';
import { type SimulatedCaptions, type SpokenUtterance, simulateCaptions } from './partials/simulate-captions.ts';
import { graphsFolder, obtainTuxpaint, tellEngine } from './set-up.ts';
import { percentiles } from './streams/percentiles.ts';
import { hearForStreams } from './streams/prepare-streams.ts';
import type { Recording } from './streams/recordings.ts';
import { percent, textTable } from './text-table.ts';

const optionsSchema = commonSchema.extend({
  languages: commonSchema.shape.languages.default([...PROMISED_LANGUAGES]),
  utterances: countOption(60).default(12),
  joined: countOption(10).default(3),
  cadence: countOption(10_000, 100).default(DEFAULT_PARTIALS.cadenceMs),
  turnaround: countOption(10_000, 0).default(200),
  adapters: z
    .string()
    .min(1)
    .default(publishedAdapters() ?? ''),
});
type PartialsOptions = z.output<typeof optionsSchema>;

const FLAGS = {
  ...COMMON_FLAGS,
  joined: { type: 'string' },
  cadence: { type: 'string' },
  turnaround: { type: 'string' },
  adapters: { type: 'string' },
} as const;

const POLICIES: readonly PartialPolicySettings[] = [
  { kind: 'agreement', spanMs: 0, confidence: 0 },
  { kind: 'agreement', spanMs: 0, confidence: 0.7 },
  { kind: 'agreement', spanMs: 400, confidence: 0 },
  { kind: 'agreement', spanMs: 400, confidence: 0.5 },
  DEFAULT_POLICY,
  { kind: 'attention', marginMs: 200, confidence: 0.7 },
  { kind: 'attention', marginMs: 400, confidence: 0.7 },
  { kind: 'attention', marginMs: 700, confidence: 0.7 },
];

export const partials: Bench = {
  name: 'partials',
  summary: 'policies for live captions compared: how soon words are shown, and how many change',
  help: `Which words of a hypothesis to show while somebody speaks, and which to keep: each policy over the same utterances,
single ones and several joined by short pauses, heard again and again as they grow. Time is the utterances' own, with
the same time for each row, so that policies are compared and not machines. The final begins with what was kept; its
WER, beside that without partials, tells what keeping costs.

Options:
  --utterances N        of each language; 12 if left out
  --joined N            in one; half of the utterances are joined so; 3 if left out
  --cadence MS          of audio between two rows; ${DEFAULT_PARTIALS.cadenceMs} if left out
  --turnaround MS       from when audio is there until its words are; 200 if left out
  --adapters FOLDER     the published ones if left out
${COMMON_HELP}
`,
  run,
};

/** Between joined utterances: too short to end one. */
const GAP_MS = 250;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, FLAGS, optionsSchema);
  const { weights, signal, progress } = context;
  const location = await resolveWeights(options.model, { ...weights, signal, onEvent: progress.onWeights });
  const corpus = await obtainTuxpaint(context);
  const { recordings } = await hearForStreams(corpus, location, options);
  const utterances = [...recordings.map((one) => spokenOf([one])), ...joinedOf(recordings, options.joined)];
  const engine = await startEngine(location, options, context);
  try {
    const reports: PolicyReport[] = [];
    for (const policy of [null, ...POLICIES]) {
      progress.note(`${policyName(policy)}: ${utterances.length} utterances`);
      const captions = await Promise.all(utterances.map((utterance) => captionsOf(utterance, { engine, policy, options })));
      signal.throwIfAborted();
      reports.push(policyReport(policy, captions, utterances));
    }
    const document = {
      bench: 'partials',
      reports,
      settings: options,
      weights: { name: location.name, digest: location.digest },
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: policiesText(reports) };
  } finally {
    await engine.close();
  }
}

interface Played extends SpokenUtterance {
  readonly reference: string;
}

/** With the silence behind it that ends an utterance. */
function spokenOf(recordings: readonly Recording[]): Played {
  const gap = new Float32Array((GAP_MS * SAMPLE_RATE_HZ) / 1000);
  const end = new Float32Array((DEFAULT_ENDPOINTING.silenceMs * SAMPLE_RATE_HZ) / 1000);
  const parts = recordings.flatMap(({ samples }, index) => [
    ...(index === 0 ? [] : [gap]),
    Float32Array.from(samples, (sample) => sample / 32_768),
  ]);
  const samples = new Float32Array([...parts, end].reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const [first] = recordings as readonly [Recording, ...Recording[]];
  return {
    language: first.utterance.language,
    samples,
    speechStartMs: (1000 * (first.speech[0]?.startSample ?? 0)) / SAMPLE_RATE_HZ,
    reference: recordings.map(({ utterance }) => utterance.text).join(' '),
  };
}

/** Neighbours of one language. */
function joinedOf(recordings: readonly Recording[], count: number): readonly Played[] {
  const languages = [...new Set(recordings.map(({ utterance }) => utterance.language))];
  return languages.flatMap((language) => {
    const own = recordings.filter(({ utterance }) => utterance.language === language);
    const groups = Array.from({ length: Math.floor(own.length / count) }, (_, group) =>
      own.slice(group * count, (group + 1) * count),
    );
    return groups.map(spokenOf);
  });
}

async function startEngine(location: CheckpointLocation, { adapters, threads }: PartialsOptions, context: BenchContext) {
  return Engine.start({
    checkpoint: location,
    cacheDir: graphsFolder(context),
    adapters: adapters === '' ? [] : requireAdaptersFrom(adapters),
    threads,
    maxRows: 1_000,
    onEvent: (event) => tellEngine(event, context.progress),
  });
}

interface CaptionChoice {
  readonly engine: Engine;
  /** null: none are shown */
  readonly policy: PartialPolicySettings | null;
  readonly options: PartialsOptions;
}

async function captionsOf(utterance: Played, { engine, policy, options }: CaptionChoice): Promise<SimulatedCaptions> {
  const { cadence, turnaround: turnaroundMs } = options;
  const cadenceMs = policy === null ? Number.POSITIVE_INFINITY : cadence;
  return simulateCaptions(utterance, { engine, policy: policy ?? DEFAULT_POLICY, cadenceMs, turnaroundMs });
}

type PolicyReport = ReturnType<typeof policyReport>;

function policyReport(
  policy: PartialPolicySettings | null,
  captions: readonly SimulatedCaptions[],
  utterances: readonly Played[],
) {
  const sum = (of: (one: SimulatedCaptions) => number) => captions.reduce((total, one) => total + of(one), 0);
  const shownWords = sum((one) => one.shownWords);
  const edits = captions.map(({ text }, index) =>
    wordErrors(normaliseText(utterances[index]?.reference ?? ''), normaliseText(text)),
  );
  return {
    policy,
    firstPartialMs: percentiles(captions.flatMap(({ hadPartial, firstWordMs }) => (hadPartial ? (firstWordMs ?? []) : []))),
    wordLagMs: percentiles(captions.flatMap(({ wordLagsMs }) => wordLagsMs).filter((lag) => !Number.isNaN(lag))),
    withPartials: captions.filter(({ hadPartial }) => hadPartial).length / captions.length,
    shownWords,
    changedWords: shownWords === 0 ? 0 : sum((one) => one.changedWords) / shownWords,
    rewrittenWords: shownWords === 0 ? 0 : sum((one) => one.rewrittenWords) / shownWords,
    wer: errorRatePercent(sumEdits(edits)) / 100,
  };
}

function policyName(policy: PartialPolicySettings | null): string {
  if (policy === null) return 'no partials';
  const by = policy.kind === 'agreement' ? `span ${policy.spanMs} ms` : `margin ${policy.marginMs} ms`;
  return `${policy.kind}, ${by}, confidence ${policy.confidence}`;
}

function policiesText(reports: readonly PolicyReport[]): string {
  const whole = (value: number | null) => value?.toFixed(0) ?? '-';
  const rows = reports.map((one) => [
    policyName(one.policy),
    whole(one.firstPartialMs.p50),
    whole(one.wordLagMs.p50),
    whole(one.wordLagMs.p95),
    percent(one.withPartials),
    percent(one.changedWords),
    percent(one.rewrittenWords),
    percent(one.wer),
  ]);
  const header = ['', 'first partial', 'word lag', '95 %', 'with partials', 'changed', 'with case', 'WER of finals'];
  return `Times are in ms.\n\n${textTable(header, rows)}`;
}
