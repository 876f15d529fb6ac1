import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../asr/voice-activity/silero-detector.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { PackedCorpus } from '../corpora/packed-corpus.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { drawOf } from './draw.ts';
import { BENCH_ADAPTER } from './language-adapters.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { readOptions } from './options.ts';
import { obtainTuxpaint } from './set-up.ts';
import { playStreams, type ScriptedStream } from './streams/play-streams.ts';
import { type HeardRecordings, hearRecordings, type Recording } from './streams/recordings.ts';
import { streamScript } from './streams/stream-script.ts';
import { obtainAdapters, type StreamsAdapters } from './streams/streams-adapters.ts';
import { STREAMS_FLAGS, STREAMS_HELP, type StreamsBenchOptions, streamsOptionsSchema } from './streams/streams-options.ts';
import { streamsReport } from './streams/streams-report.ts';
import { type StreamsService, startStreamsService } from './streams/streams-service.ts';
import { streamsText } from './streams/streams-text.ts';
import { spreadTestUtterances } from './utterance-set.ts';

export const streams: Bench = {
  name: 'streams',
  summary: 'streams in real time: every final, how soon, and whether memory grows',
  help: STREAMS_HELP,
  run,
};

const { threshold } = DEFAULT_ENDPOINTING;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, STREAMS_FLAGS, streamsOptionsSchema);
  const { weights, signal, progress } = context;
  const location = await resolveWeights(options.model, { ...weights, signal, onEvent: progress.onWeights });
  const corpus = await obtainTuxpaint(context);
  progress.note('Listening for speech in the recordings');
  const { recordings, leftOut } = await hear(corpus, location, options);
  const scripted = scriptStreams(recordings, options);
  const tokensPerSecond = tokenRate(scripted);

  const opened: { close(): Promise<void> }[] = [];
  try {
    const adapters = await obtainAdapters(options.adapters, location, options.languages);
    opened.push(adapters);
    const forced = adapters.trained ? null : tokensPerSecond;
    progress.note('Starting the service');
    const service = await startService({ options, adapters, context, tokensPerSecond: forced });
    opened.push(service);
    const report = streamsReport(await play(scripted, { service, options, context }));
    const document = {
      bench: 'streams',
      streams: options.streams,
      seconds: options.seconds,
      ...report,
      settings: { ...options, ...settingsOf(adapters, forced) },
      recordings: { used: recordings.length, leftOut },
      weights: { name: location.name, digest: location.digest },
      corpus: { name: corpus.name, source: corpus.source },
      runtime: service.runtime,
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: `${headline(options, service)}\n\n${streamsText(report)}` };
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
}

async function hear(
  corpus: PackedCorpus,
  location: CheckpointLocation,
  options: StreamsBenchOptions,
): Promise<HeardRecordings> {
  const choice = { languages: options.languages, perLanguage: options.utterances };
  const tokenizer = openTokenizer(location.tokenizerPath);
  const voice = await startSileroDetector();
  try {
    return await hearRecordings(corpus, spreadTestUtterances(corpus, choice), { voice, tokenizer, threshold });
  } finally {
    await voice.close();
  }
}

/** Languages in turn. @throws FloraAsrError `argument_invalid` if nothing can be played in the time */
function scriptStreams(recordings: readonly Recording[], options: StreamsBenchOptions): readonly ScriptedStream[] {
  const { languages, seconds, endpointSilence: silenceMs, pauses: pausesMs, seed } = options;
  return Array.from({ length: options.streams }, (_, index) => {
    const language = languages[index % languages.length] as string;
    const own = recordings.filter(({ utterance }) => utterance.language === language);
    const script = streamScript({ recordings: own, seconds, silenceMs, pausesMs, draw: drawOf(seed, index) });
    if (script.placed.length > 0) return { language, script };
    throw new FloraAsrError(
      'argument_invalid',
      `No recording of ${language} fits into a stream: --seconds ${seconds} is too short`,
    );
  });
}

/** Tokens that the references have for a second of what is played of them. */
function tokenRate(scripted: readonly ScriptedStream[]): number {
  const played = scripted.flatMap(({ script }) => script.placed.map(({ recording }) => recording));
  const tokens = played.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  const seconds = played.reduce((sum, { utterance }) => sum + utterance.durationSeconds, 0);
  return tokens / seconds;
}

interface ServiceChoice {
  readonly options: StreamsBenchOptions;
  readonly adapters: StreamsAdapters;
  readonly context: BenchContext;
  readonly tokensPerSecond: number | null;
}

async function startService({ options, adapters, context, tokensPerSecond }: ServiceChoice): Promise<StreamsService> {
  const { env, signal } = context;
  const streamsAtOnce = `${options.streams}`;
  const settings = {
    MODEL: options.model,
    ADAPTERS: adapters.folder ?? '',
    PROVIDER: 'cpu',
    COMPUTE_TYPE: options.computeType,
    THREADS: `${options.threads}`,
    MAX_STREAMS: streamsAtOnce,
    MAX_STREAMS_PER_KEY: streamsAtOnce,
    RATE_PER_MINUTE: '1000000',
    MAX_STREAM_SECONDS: `${options.seconds + 60}`,
  };
  return startStreamsService({ settings, tokensPerSecond, env, signal });
}

interface PlayChoice {
  readonly service: StreamsService;
  readonly options: StreamsBenchOptions;
  readonly context: BenchContext;
}

async function play(scripted: readonly ScriptedStream[], { service, options, context: { signal, progress } }: PlayChoice) {
  const { seed, seconds, endpointSilence: silenceMs } = options;
  progress.note(`Playing ${options.streams} streams of ${seconds} s`);
  return playStreams(scripted, {
    service,
    silenceMs,
    threshold,
    seed,
    signal,
    onReading: ({ atSeconds, residentBytes, stats }) =>
      progress.note(
        `${atSeconds.toFixed(0)} s: ${stats.finishedRows} utterances, ${(residentBytes / 2 ** 20).toFixed(0)} MiB resident`,
      ),
  });
}

function settingsOf(adapters: StreamsAdapters, tokensPerSecond: number | null): Readonly<Record<string, unknown>> {
  const forced = { guards: false, retries: false, tokensPerSecond };
  return {
    adapterShape: adapters.folder !== null && !adapters.trained ? { ...BENCH_ADAPTER, targets: 'all' } : null,
    decoding: tokensPerSecond === null ? 'as for users' : forced,
    detectorThreshold: threshold,
  };
}

function headline({ streams: count, seconds, endpointSilence, adapters }: StreamsBenchOptions, { runtime }: StreamsService) {
  return (
    `${count} streams of ${seconds} s, ${endpointSilence} ms of silence end an utterance; adapters: ${adapters}; ` +
    `${runtime.computeType.precision} on ${runtime.provider}`
  );
}
