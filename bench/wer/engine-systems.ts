import type { Adapter } from '../../adapters/adapter.ts';
import { type ComputeType, chooseComputeType } from '../../asr/engine/compute-type.ts';
import { Engine } from '../../asr/engine/engine.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { type ChosenProvider, chooseProvider } from '../../kernels/choose-provider.ts';
import type { BenchContext } from '../benches/bench.ts';
import { ourVersions } from '../benches/machine.ts';
import { graphsFolder, tellEngine } from '../benches/set-up.ts';
import type { Utterance } from '../corpora/corpus.ts';
import { engineCodeDigest } from './engine-code.ts';
import { type Caching, type EvalSystem, hearThroughCache } from './eval-system.ts';
import { recogniseUtterances } from './measure.ts';
import type { SystemKey } from './transcript-cache.ts';

export interface EngineSystemsOptions extends Omit<Caching, 'keyOf'> {
  readonly location: CheckpointLocation;
  /** by language: what its utterances are decoded with */
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly computeType: 'auto' | 'int8' | 'fp32';
  readonly threads: number;
  /** of rows without an adapter, and of rows with one; `policy`: by the adapter */
  /** hypotheses of each row */
  readonly beamSize: number;
  readonly contexts: { readonly base: 'full'; readonly adapter: 'policy' | 'full' };
}

/** What runs, for the report. */
export interface EngineRuntime extends ChosenProvider {
  readonly computeType: ComputeType;
  readonly threads: number;
}

export interface EngineSystems {
  readonly base: EvalSystem;
  readonly adapter: EvalSystem;
  readonly runtime: EngineRuntime;
  close(): Promise<void>;
}

/**
 * Our engine without adapters, and with them. It starts when something is to be heard that is not in the cache.
 * @throws FloraAsrError as `chooseProvider`; when it hears, as `Engine.start` and `recogniseUtterances`
 */
export async function engineSystems(options: EngineSystemsOptions, context: BenchContext): Promise<EngineSystems> {
  const { adapters, computeType: choice, threads, beamSize, contexts } = options;
  const cacheDir = graphsFolder(context);
  const chosen = await chooseProvider('auto', cacheDir);
  const computeType = await chooseComputeType(choice, { cacheDir, provider: chosen.provider });
  const runtime = { ...chosen, computeType, threads };
  const engine = lazyEngine(options, runtime, context);
  const ours = keyOfOurs(options, runtime);
  /** the rows of one system; what they are decoded with decides their key */
  const hearWith = (adapterOf: (utterance: Utterance) => Adapter | null, rowContext: 'full' | 'policy'): EvalSystem['hear'] => {
    const keyOf = (utterance: Utterance) => ({
      ...ours,
      beamSize,
      adapter: adapterOf(utterance)?.digest ?? null,
      context: rowContext,
    });
    return async (utterances, progress) =>
      hearThroughCache(utterances, { ...options, ...progress, keyOf }, async (missing, onHeard) => {
        const rows = { samplesOf: options.samplesOf, context: rowContext, beamSize, signal: context.signal, onHeard };
        return recogniseUtterances(await engine.start(), missing, { ...rows, adapterOf: (one) => adapterOf(one)?.id ?? null });
      });
  };
  return {
    base: { name: 'base', title: 'base', serves: () => true, hear: hearWith(() => null, contexts.base) },
    adapter: {
      name: 'adapter',
      title: 'adapter',
      serves: (language) => adapters.has(language),
      hear: hearWith(({ language }) => adapters.get(language) ?? null, contexts.adapter),
    },
    runtime,
    close: engine.close,
  };
}

function lazyEngine({ location, adapters }: EngineSystemsOptions, runtime: EngineRuntime, context: BenchContext) {
  let starting: Promise<Engine> | null = null;
  const start = () => {
    starting ??= Engine.start({
      checkpoint: location,
      cacheDir: graphsFolder(context),
      adapters: [...new Set(adapters.values())],
      provider: runtime.provider,
      computeType: runtime.computeType.precision,
      threads: runtime.threads,
      reservedSlots: 0,
      onEvent: (event) => tellEngine(event, context.progress),
    });
    return starting;
  };
  const close = async () => {
    const started = await starting?.catch(() => null);
    await started?.close();
  };
  return { start, close };
}

function keyOfOurs({ location }: EngineSystemsOptions, { provider, computeType }: EngineRuntime): SystemKey {
  return {
    system: 'flora-asr',
    code: engineCodeDigest(),
    onnxruntime: ourVersions()['onnxruntime-node'],
    weights: location.digest,
    provider,
    precision: computeType.precision,
    int8Weights: computeType.int8Weights,
  };
}
