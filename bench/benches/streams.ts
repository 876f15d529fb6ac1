import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { BENCH_ADAPTER } from './language-adapters.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { readOptions } from './options.ts';
import { obtainTuxpaint } from './set-up.ts';
import { playStreams, type ScriptedStream } from './streams/play-streams.ts';
import { hearForStreams, scriptStreams, startMeasuredService } from './streams/prepare-streams.ts';
import { obtainAdapters, type StreamsAdapters } from './streams/streams-adapters.ts';
import { STREAMS_FLAGS, STREAMS_HELP, type StreamsBenchOptions, streamsOptionsSchema } from './streams/streams-options.ts';
import { streamsReport } from './streams/streams-report.ts';
import type { StreamsService } from './streams/streams-service.ts';
import { streamsText } from './streams/streams-text.ts';

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
  const { recordings, leftOut } = await hearForStreams(corpus, location, options);
  const scripted = scriptStreams(recordings, options);
  const tokensPerSecond = tokenRate(scripted);

  const opened: { close(): Promise<void> }[] = [];
  try {
    const adapters = await obtainAdapters(options.adapters, location, options.languages);
    opened.push(adapters);
    const forced = adapters.trained ? null : tokensPerSecond;
    progress.note('Starting the service');
    const service = await startMeasuredService({ options, adapters, context, tokensPerSecond: forced });
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

/** Tokens that the references have for a second of what is played of them. */
function tokenRate(scripted: readonly ScriptedStream[]): number {
  const played = scripted.flatMap(({ script }) => script.placed.map(({ recording }) => recording));
  const tokens = played.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  const seconds = played.reduce((sum, { utterance }) => sum + utterance.durationSeconds, 0);
  return tokens / seconds;
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
