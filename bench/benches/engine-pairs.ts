import type { Adapter } from '../../adapters/adapter.ts';
import type { ComputeTypeChoice } from '../../asr/engine/compute-type.ts';
import { Engine } from '../../asr/engine/engine.ts';
import type { RuntimeDescription } from '../../asr/engine/open-model.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../asr/weights/open-checkpoint.ts';
import type { BenchContext } from './bench.ts';
import type { EngineBenchOptions } from './engine-options.ts';
import type { EngineRow } from './engine-set.ts';
import { engineSystem } from './engine-systems.ts';
import { languageAdapters } from './language-adapters.ts';
import type { MeasuredSystem } from './rounds.ts';
import { graphsFolder, tellEngine } from './set-up.ts';

/** Two engines of one compute type: their difference is what adapters cost. */
export interface EnginePair {
  readonly runtime: RuntimeDescription;
  readonly withAdapters: MeasuredSystem;
  /** its graphs have no place for adapters */
  readonly withoutAdapters: MeasuredSystem;
}

export interface PairOptions {
  readonly location: CheckpointLocation;
  readonly rows: readonly EngineRow[];
  readonly options: EngineBenchOptions;
  readonly context: BenchContext;
  /** what is started is put here, for the caller to close */
  readonly opened: { close(): Promise<void> }[];
}

/** The pair that was asked for; for `both`, first what the engine chooses by itself. */
export async function startEnginePairs(pairOptions: PairOptions): Promise<readonly [EnginePair, ...EnginePair[]]> {
  const { computeType } = pairOptions.options;
  if (computeType !== 'both') return [await startPair(computeType, pairOptions)];
  const chosen = await startPair('auto', pairOptions);
  const other = chosen.runtime.computeType.precision === 'int8' ? 'fp32' : 'int8';
  return [chosen, await startPair(other, pairOptions)];
}

async function startPair(computeType: ComputeTypeChoice, pairOptions: PairOptions): Promise<EnginePair> {
  const { location, rows, options, context, opened } = pairOptions;
  const start = async (adapters: readonly Adapter[]) => {
    context.signal.throwIfAborted();
    const engine = await Engine.start({
      checkpoint: location,
      cacheDir: graphsFolder(context),
      adapters,
      provider: 'cpu',
      computeType,
      threads: options.threads,
      reservedSlots: 0,
      maxRows: rows.length,
      onEvent: (event) => tellEngine(event, context.progress),
    });
    opened.push(engine);
    return engine;
  };
  context.progress.note(`Starting our engines, compute type ${computeType}`);
  const adapted = await start(adaptersFor(location, options.languages));
  const plain = await start([]);
  const { runtime } = adapted;
  const name = (suffix: string) => `ours ${runtime.computeType.precision}, ${suffix}`;
  const common = { rounds: options.rounds, rows, signal: context.signal };
  return {
    runtime,
    withAdapters: engineSystem(adapted, { ...common, name: name('adapters'), adapted: true }),
    withoutAdapters: engineSystem(plain, { ...common, name: name('no adapters'), adapted: false }),
  };
}

function adaptersFor(location: CheckpointLocation, languages: readonly string[]): readonly Adapter[] {
  const checkpoint = openCheckpoint(location);
  checkpoint.tensors.close();
  return languageAdapters(checkpoint.config, checkpoint.digest, languages);
}
