import { z } from 'zod';
import { requireAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import { DEFAULT_BEAM_SIZES, WIDEST_BEAM } from '../../asr/engine/beam-sizes.ts';
import { Engine } from '../../asr/engine/engine.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../asr/voice-activity/silero-detector.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import type { Corpus } from '../corpora/corpus.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { drawOf } from './draw.ts';
import { type JoinedRecording, joinRecordings } from './long-file/join-recordings.ts';
import { type LongFileOutcome, longFileReport, longFileText } from './long-file/long-file-report.ts';
import { type LongFileSystems, recogniseJoined } from './long-file/recognise-joined.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { COMMON_FLAGS, commonSchema, countOption, PROMISED_LANGUAGES, readOptions } from './options.ts';
import { graphsFolder, obtainTuxpaint, obtainWeights, startPeer, tellEngine } from './set-up.ts';
import { hearRecordings } from './streams/recordings.ts';

const optionsSchema = commonSchema.extend({
  languages: commonSchema.shape.languages.default([...PROMISED_LANGUAGES]),
  seconds: countOption(7_200, 30).default(600),
  rounds: countOption(20).default(1),
  beam: countOption(WIDEST_BEAM).default(DEFAULT_BEAM_SIZES.file),
  computeType: z.enum(['auto', 'int8', 'fp32']).default('auto'),
  adapters: z
    .string()
    .min(1)
    .default(publishedAdapters() ?? ''),
  seed: countOption(2 ** 31 - 1, 0).default(1),
});
type LongFileOptions = z.output<typeof optionsSchema>;

const { model, languages, threads } = COMMON_FLAGS;
const FLAGS = {
  model,
  languages,
  threads,
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  beam: { type: 'string' },
  'compute-type': { type: 'string' },
  adapters: { type: 'string' },
  seed: { type: 'string' },
} as const;

const PAUSES_MS = [600, 1_500] as const;
/** of the recording that both sides hear first, without being timed */
const WARM_UP_SECONDS = 30;

export const longFile: Bench = {
  name: 'long-file',
  summary: 'recordings of ten minutes: their words, when these are, and how long it takes, beside faster-whisper',
  help: `A long recording of each language, joined of its test recordings with pauses: cut at its pauses and recognised in the
shared batch, with times of words. Its WER is told beside that of the same recordings one by one, and how far the first
word of each begins from where its speech does. Beside it faster-whisper's batched pipeline (int8, with its voice
filter), over the same samples on the same cores; both are timed in each round, in turns. One language holds about a
hundred different recordings, and so few errors that a gap of a point is chance: look at all languages together.

Options:
  --languages LIST      ${PROMISED_LANGUAGES.join(',')} if left out
  --seconds S           of each; 600 if left out
  --rounds N            1 if left out
  --beam N              hypotheses side by side, of both, 1 to ${WIDEST_BEAM}; ${DEFAULT_BEAM_SIZES.file} if left out
  --adapters FOLDER     the published ones if left out
  --compute-type TYPE   of ours: auto, int8 or fp32; auto if left out
  --seed N              of the pauses; 1 if left out
  --model NAME          whisper-base if left out
  --threads N           of each side; all cores if left out
`,
  run,
};

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, FLAGS, optionsSchema);
  const location = await obtainWeights(options.model, context);
  const corpus = await obtainTuxpaint(context);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const voice = await startSileroDetector();
    opened.push(voice);
    const engine = await Engine.start({
      checkpoint: location,
      cacheDir: graphsFolder(context),
      adapters: options.adapters === '' ? [] : requireAdaptersFrom(options.adapters),
      computeType: options.computeType,
      threads: options.threads,
      onEvent: (event) => tellEngine(event, context.progress),
    });
    opened.push(engine);
    const peer = await startPeer({ location, computeType: 'int8', cpuThreads: options.threads }, context);
    opened.push(peer);
    const joining = { corpus, location, systems: { voice, engine, peer }, options };
    const report = longFileReport(await recogniseLanguages(joining, context));
    const document = {
      bench: 'long-file',
      ...report,
      settings: options,
      runtime: engine.runtime,
      peer: peer.description,
      weights: { name: location.name, digest: location.digest },
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: longFileText(report) };
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
}

interface Joining {
  readonly corpus: Corpus;
  readonly location: CheckpointLocation;
  readonly systems: LongFileSystems;
  readonly options: LongFileOptions;
}

async function recogniseLanguages(joining: Joining, { signal, progress }: BenchContext): Promise<Map<string, LongFileOutcome>> {
  const { systems, options } = joining;
  const { rounds, beam, seconds } = options;
  const total = rounds * options.languages.length;
  let done = 0;
  const onRound = () => {
    done += 1;
    progress.advance({ title: 'Rounds', done, total, unit: 'steps' });
  };
  const outcomes = new Map<string, LongFileOutcome>();
  for (const [index, language] of options.languages.entries()) {
    const task = { language, beam, rounds, signal, onRound };
    if (index === 0) {
      const short = await joinedOf(language, Math.min(seconds, WARM_UP_SECONDS), joining);
      await recogniseJoined(short, systems, { ...task, rounds: 1, onRound: () => undefined });
    }
    outcomes.set(language, await recogniseJoined(await joinedOf(language, seconds, joining), systems, task));
  }
  return outcomes;
}

async function joinedOf(language: string, seconds: number, joining: Joining): Promise<JoinedRecording> {
  const { corpus, location, systems, options } = joining;
  const spoken = corpus.utterances({ languages: [language], split: 'test' }).filter((one) => one.spoken);
  const { threshold } = DEFAULT_ENDPOINTING;
  const hearing = { voice: systems.voice, tokenizer: openTokenizer(location.tokenizerPath), threshold };
  const { recordings } = await hearRecordings(corpus, spoken, hearing);
  return joinRecordings(recordings, { seconds, pausesMs: PAUSES_MS, draw: drawOf(options.seed, 0) });
}
