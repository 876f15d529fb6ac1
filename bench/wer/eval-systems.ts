import { join } from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import type { BenchContext } from '../benches/bench.ts';
import { type StreamsService, startStreamsService } from '../benches/streams/streams-service.ts';
import type { Utterance } from '../corpora/corpus.ts';
import { engineSystems } from './engine-systems.ts';
import type { EvalOptions } from './eval-options.ts';
import type { EvalSystem } from './eval-system.ts';
import { liveSystems } from './live-systems.ts';
import { fasterWhisperSystems } from './peer-systems.ts';
import { NO_CACHE, openTranscriptCache } from './transcript-cache.ts';
import { urlSystem } from './url-system.ts';

export interface EvalSystemsChoice {
  readonly options: EvalOptions;
  readonly adaptersFolder: string | null;
  /** by language */
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly location: CheckpointLocation | null;
  readonly samplesOf: (utterance: Utterance) => Float32Array;
}

export interface EvalSystems {
  readonly ours: readonly EvalSystem[];
  readonly peers: readonly EvalSystem[];
  /** of our engine; null if it is not measured */
  readonly runtime: unknown;
  close(): Promise<void>;
}

interface OurSystems {
  readonly base: EvalSystem;
  readonly adapter: EvalSystem;
  readonly runtime: unknown;
  close(): Promise<void>;
}

/** All that was asked for. @throws FloraAsrError as those that it opens */
export async function openEvalSystems(choice: EvalSystemsChoice, context: BenchContext): Promise<EvalSystems> {
  const { options, adapters, location, samplesOf } = choice;
  const cache = options.noCache ? NO_CACHE : openTranscriptCache(join(context.weights.cacheDir, 'transcripts'));
  const { threads } = options;
  const measured = !options.noBase || adapters.size > 0;
  const ours = measured && location !== null ? await openOurs({ ...choice, location }, cache, context) : null;
  const wanted = ours === null ? [] : [...(options.noBase ? [] : [ours.base]), ...(adapters.size > 0 ? [ours.adapter] : [])];
  const peers =
    options.peers === 'faster-whisper' && location !== null
      ? fasterWhisperSystems({ location, threads, cache, samplesOf }, context)
      : null;
  const { url, urlModel: model, apiKey } = options;
  const others = url === undefined ? [] : [urlSystem({ url, model, apiKey, samplesOf, signal: context.signal })];
  return {
    ours: wanted,
    peers: [...(peers?.systems ?? []), ...others],
    runtime: ours?.runtime ?? null,
    close: async () => {
      await Promise.all([ours?.close(), peers?.close()]);
    },
  };
}

type OurChoice = EvalSystemsChoice & { readonly location: CheckpointLocation };

async function openOurs(
  { options, adaptersFolder, adapters, location, samplesOf }: OurChoice,
  cache: ReturnType<typeof openTranscriptCache>,
  context: BenchContext,
): Promise<OurSystems> {
  const { threads, computeType } = options;
  if (!options.live) {
    const contexts = { base: 'full', adapter: options.context === 'full' ? 'full' : 'policy' } as const;
    return engineSystems(
      { location, adapters, computeType, threads, beamSize: options.beam, contexts, cache, samplesOf },
      context,
    );
  }
  const service = await startLiveService({ options, adaptersFolder }, context);
  const ids = new Map([...adapters].map(([language, { id }]) => [language, id]));
  const systems = liveSystems({ url: service.url, adapters: ids, samplesOf, signal: context.signal });
  return { ...systems, runtime: service.runtime, close: () => service.close() };
}

/** The service as it is run, with room for a stream of each language. */
async function startLiveService(
  { options, adaptersFolder }: Pick<EvalSystemsChoice, 'options' | 'adaptersFolder'>,
  { env, signal, progress }: BenchContext,
): Promise<StreamsService> {
  progress.note('Starting the service');
  const settings = {
    MODEL: options.model,
    ADAPTERS: adaptersFolder ?? '',
    COMPUTE_TYPE: options.computeType,
    THREADS: `${options.threads}`,
    STREAM_BEAM_SIZE: `${options.beam}`,
    MAX_STREAM_SECONDS: '604800',
  };
  return startStreamsService({ settings, tokensPerSecond: null, env, signal });
}
