import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { latencyPlot } from './latency/latency-plot.ts';
import { type CaptionReport, captionReport } from './latency/latency-report.ts';
import { latencyText } from './latency/latency-text.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { countOption, PROMISED_LANGUAGES, readOptions } from './options.ts';
import { obtainTuxpaint } from './set-up.ts';
import { playStreams } from './streams/play-streams.ts';
import { hearForStreams, scriptStreams, startMeasuredService } from './streams/prepare-streams.ts';
import type { Recording } from './streams/recordings.ts';
import { obtainAdapters } from './streams/streams-adapters.ts';
import { PLAYED_FLAGS, PLAYED_HELP, playedSchema } from './streams/streams-options.ts';

const optionsSchema = playedSchema.extend({
  languages: playedSchema.shape.languages.default([...PROMISED_LANGUAGES]),
  utterances: countOption(100).default(40),
  streams: z
    .string()
    .regex(/^\d+(,\d+)*$/, 'expected numbers of streams, such as 1,8,32')
    .transform((list) => list.split(',').map(Number))
    .default([1, 8, 32, 64]),
  seconds: countOption(3_600, 5).default(60),
  adapters: z
    .string()
    .min(1)
    .default(publishedAdapters() ?? 'none'),
  plot: z.string().min(1).optional(),
});
type LatencyOptions = z.output<typeof optionsSchema>;

const FLAGS = { ...PLAYED_FLAGS, plot: { type: 'string' } } as const;

const { threshold } = DEFAULT_ENDPOINTING;

export const latency: Bench = {
  name: 'latency',
  summary: 'live captions: first words, lag of words, words that change, finals',
  help: `How soon live captions come, over /v1/stream in real time, with partials: a service in a process of its own, languages
in turn, one after the other with each number of streams.

  first partial         from the start of speech (by the voice detector, in the recording alone) to the first words shown
  word lag              from the end of a word in the audio to its first display where it stays
  changed               share of the words that were shown, whose place another word took; case and punctuation apart
  speech end to final   the silence that ends an utterance included
  endpoint to final     without it

Options:
  --streams LIST        numbers of streams; 1,8,32,64 if left out
  --seconds S           of audio in each; 60 if left out
  --adapters WHAT       a folder, random or none, as for the bench streams; the published ones if left out
  --plot FILE           writes the figures as SVG
${PLAYED_HELP}
`,
  run,
};

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, FLAGS, optionsSchema);
  const { weights, signal, progress } = context;
  const location = await resolveWeights(options.model, { ...weights, signal, onEvent: progress.onWeights });
  const corpus = await obtainTuxpaint(context);
  progress.note('Listening for speech in the recordings');
  const { recordings } = await hearForStreams(corpus, location, options);
  const adapters = await obtainAdapters(options.adapters, location, options.languages);
  try {
    const reports: CaptionReport[] = [];
    for (const streams of options.streams) {
      const report = await measure({ ...options, streams }, { recordings, adapters, context });
      reports.push(report);
      progress.note(latencyText([report]));
    }
    if (options.plot !== undefined) await writeFile(options.plot, latencyPlot(reports));
    const document = {
      bench: 'latency',
      reports,
      settings: options,
      weights: { name: location.name, digest: location.digest },
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: latencyText(reports) };
  } finally {
    await adapters.close();
  }
}

interface Measured {
  readonly recordings: readonly Recording[];
  readonly adapters: Awaited<ReturnType<typeof obtainAdapters>>;
  readonly context: BenchContext;
}

/** With a service that has served nobody before. */
async function measure(
  options: Omit<LatencyOptions, 'streams'> & { readonly streams: number },
  { recordings, adapters, context }: Measured,
): Promise<CaptionReport> {
  const { streams, seconds, endpointSilence: silenceMs, seed } = options;
  const { signal, progress } = context;
  const scripted = scriptStreams(recordings, { ...options, pauses: [1_500, 4_500] });
  progress.note(`Playing ${streams} streams of ${seconds} s`);
  const service = await startMeasuredService({ options, adapters, context, tokensPerSecond: null });
  try {
    const playing = { service, silenceMs, threshold, captions: true, seed, signal, onReading: () => undefined };
    return captionReport(await playStreams(scripted, playing), streams);
  } finally {
    await service.close();
  }
}
