import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { CheckpointLocation } from '../../../asr/weights/checkpoint-location.ts';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import type { PackedCorpus } from '../../corpora/packed-corpus.ts';
import type { BenchContext } from '../bench.ts';
import { drawOf } from '../draw.ts';
import { spreadTestUtterances } from '../utterance-set.ts';
import type { ScriptedStream } from './play-streams.ts';
import { type HeardRecordings, hearRecordings, type Recording } from './recordings.ts';
import { streamScript } from './stream-script.ts';
import type { StreamsAdapters } from './streams-adapters.ts';
import type { StreamsBenchOptions } from './streams-options.ts';
import { type StreamsService, startStreamsService } from './streams-service.ts';

const { threshold } = DEFAULT_ENDPOINTING;

/** Recordings to be played, and where somebody speaks in each. */
export async function hearForStreams(
  corpus: PackedCorpus,
  location: CheckpointLocation,
  options: Pick<StreamsBenchOptions, 'languages' | 'utterances'>,
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
export function scriptStreams(recordings: readonly Recording[], options: StreamsBenchOptions): readonly ScriptedStream[] {
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

export interface ServiceChoice {
  readonly options: Pick<StreamsBenchOptions, 'streams' | 'seconds' | 'model' | 'computeType' | 'threads'>;
  readonly adapters: StreamsAdapters;
  readonly context: BenchContext;
  readonly tokensPerSecond: number | null;
}

/** The service as it is measured: on the CPU, with room for the streams and no limit on their rate. */
export async function startMeasuredService({
  options,
  adapters,
  context,
  tokensPerSecond,
}: ServiceChoice): Promise<StreamsService> {
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
