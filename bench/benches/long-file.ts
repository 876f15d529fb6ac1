import { z } from 'zod';
import { requireAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import { DEFAULT_BEAM_SIZES, WIDEST_BEAM } from '../../asr/engine/beam-sizes.ts';
import { Engine } from '../../asr/engine/engine.ts';
import { RowGate } from '../../asr/engine/row-gate.ts';
import { type Final, recogniseSignals } from '../../asr/files/recognise-signals.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../asr/voice-activity/voice-detector.ts';
import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import { TUXPAINT_LANGUAGES } from '../corpora/tuxpaint-stamps.ts';
import { normaliseText } from '../metrics/normalise.ts';
import { median } from '../metrics/statistics.ts';
import { errorRatePercent, wordErrors } from '../metrics/wer.ts';
import { ENGINE_OPTIONS, type FasterWhisperPeer } from '../peers/faster-whisper.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { drawOf } from './draw.ts';
import { type JoinedRecording, joinRecordings } from './long-file/join-recordings.ts';
import { onsetErrors } from './long-file/word-onsets.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { COMMON_FLAGS, commonSchema, countOption, readOptions } from './options.ts';
import { graphsFolder, obtainTuxpaint, obtainWeights, startPeer, tellEngine } from './set-up.ts';
import { hearRecordings, type Recording } from './streams/recordings.ts';

const optionsSchema = commonSchema.omit({ languages: true }).extend({
  language: z.enum(TUXPAINT_LANGUAGES).default('es'),
  seconds: countOption(7_200, 30).default(600),
  rounds: countOption(20).default(3),
  beam: countOption(WIDEST_BEAM).default(DEFAULT_BEAM_SIZES.file),
  computeType: z.enum(['auto', 'int8', 'fp32']).default('auto'),
  adapters: z
    .string()
    .min(1)
    .default(publishedAdapters() ?? ''),
  seed: countOption(2 ** 31 - 1, 0).default(1),
});
type LongFileOptions = z.output<typeof optionsSchema>;

const { model, threads } = COMMON_FLAGS;
const FLAGS = {
  model,
  threads,
  language: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  beam: { type: 'string' },
  'compute-type': { type: 'string' },
  adapters: { type: 'string' },
  seed: { type: 'string' },
} as const;

const PAUSES_MS = [600, 1_500] as const;

export const longFile: Bench = {
  name: 'long-file',
  summary: 'a recording of ten minutes: its words, their times, and how long it takes, beside faster-whisper',
  help: `A long recording, joined of one language's test recordings with pauses: cut at its pauses and recognised in the shared
batch, with times of words. Its WER is told beside that of the same recordings one by one, and how far the first word
of each begins from where its speech does. Beside it faster-whisper's batched pipeline (int8, with its voice filter),
over the same samples on the same cores; both are timed in each round, in turns.

Options:
  --language CODE       es if left out
  --seconds S           600 if left out
  --rounds N            3 if left out
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
    const spoken = corpus.utterances({ languages: [options.language], split: 'test' }).filter((one) => one.spoken);
    const hearing = { voice, tokenizer: openTokenizer(location.tokenizerPath), threshold: DEFAULT_ENDPOINTING.threshold };
    const { recordings } = await hearRecordings(corpus, spoken, hearing);
    const joined = joinRecordings(recordings, { ...options, pausesMs: PAUSES_MS, draw: drawOf(options.seed, 0) });
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
    const rounds = await timeRounds(joined, { engine, voice, peer, options, context });
    const report = await reportOf(joined, rounds, { engine, recordings, options });
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
    return { document, text: textOf(report, options) };
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
}

interface Systems {
  readonly engine: Engine;
  readonly voice: VoiceDetector;
  readonly peer: FasterWhisperPeer;
  readonly options: LongFileOptions;
  readonly context: BenchContext;
}

interface Rounds {
  readonly finals: readonly Final[];
  readonly peerText: string;
  readonly oursSeconds: readonly number[];
  readonly peerSeconds: readonly number[];
}

/** One round to warm up, which is not timed. */
async function timeRounds({ samples }: JoinedRecording, systems: Systems): Promise<Rounds> {
  const { engine, voice, peer, options, context } = systems;
  const { language } = options;
  const [oursSeconds, peerSeconds]: [number[], number[]] = [[], []];
  let finals: readonly Final[] = [];
  let peerText = '';
  for (let round = 0; round <= options.rounds; round += 1) {
    context.progress.advance({ title: 'Rounds', done: round, total: options.rounds + 1, unit: 'steps' });
    const begun = performance.now();
    finals = await recogniseSignals(
      [samples],
      { language, endpointing: DEFAULT_ENDPOINTING, words: true, signal: context.signal },
      { engine, voice, rows: new RowGate(256), beamSizes: { live: options.beam, file: options.beam } },
    );
    const seconds = (performance.now() - begun) / 1000;
    const whole = await peer.transcribeFile({ samples, language }, { options: { ...ENGINE_OPTIONS, beam_size: options.beam } });
    peerText = whole.transcript.text;
    if (round === 0) continue;
    oursSeconds.push(seconds);
    peerSeconds.push(whole.seconds);
  }
  return { finals, peerText, oursSeconds, peerSeconds };
}

type LongFileReport = Awaited<ReturnType<typeof reportOf>>;

async function reportOf(
  { samples, parts }: JoinedRecording,
  { finals, peerText, oursSeconds, peerSeconds }: Rounds,
  { engine, recordings, options }: Pick<Systems, 'engine' | 'options'> & { readonly recordings: readonly Recording[] },
) {
  const alone = new Map(
    await Promise.all(recordings.map(async (one) => [one, await textAlone(one, { engine, options })] as const)),
  );
  const reference = parts.map(({ recording }) => recording.utterance.text).join(' ');
  const words = finals.flatMap(({ startMs, result }) =>
    (result.words ?? []).map(({ text, startMs: from, endMs: to }) => ({ text, startMs: startMs + from, endMs: startMs + to })),
  );
  const errors = onsetErrors(parts, words);
  const seconds = median(oursSeconds);
  const werOf = (text: string) => errorRatePercent(wordErrors(normaliseText(reference), normaliseText(text))) / 100;
  const wer = werOf(finals.map(({ result }) => result.text).join(' '));
  const werAlone = werOf(parts.map(({ recording }) => alone.get(recording) ?? '').join(' '));
  return {
    audioSeconds: samples.length / 16_000,
    recordings: parts.length,
    utterances: finals.length,
    wer,
    werAlone,
    werGapPoints: 100 * (wer - werAlone),
    peerWer: werOf(peerText),
    onsets: errors.length,
    onsetErrorMs: median(errors.map(Math.abs)),
    onsetBiasMs: median(errors),
    words: words.length,
    seconds,
    peerSeconds: median(peerSeconds),
    /** times that faster-whisper takes, of the same round */
    speedup: median(oursSeconds.map((ours, round) => (peerSeconds[round] as number) / ours)),
  };
}

async function textAlone({ samples }: Recording, { engine, options }: Pick<Systems, 'engine' | 'options'>) {
  const floats = Float32Array.from(samples, (sample) => sample / 32_768);
  const request = { samples: floats, language: options.language, beamSize: options.beam };
  return (await engine.recognise(request)).text;
}

function textOf(report: LongFileReport, { language, seconds }: LongFileOptions): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `${seconds} s of ${language}: ${report.recordings} recordings, ${report.utterances} utterances, ${report.words} words`,
    `WER: ${percent(report.wer)}; one by one ${percent(report.werAlone)}; faster-whisper ${percent(report.peerWer)}`,
    `First words: ${report.onsetErrorMs.toFixed(0)} ms from where speech begins (median of ${report.onsets}; ` +
      `${report.onsetBiasMs.toFixed(0)} ms late)`,
    `Time: ${report.seconds.toFixed(1)} s; faster-whisper, batched: ${report.peerSeconds.toFixed(1)} s, ` +
      `${report.speedup.toFixed(2)} times as long`,
  ].join('\n');
}
