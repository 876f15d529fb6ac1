import type { ComputeTypeChoice } from '../asr/engine/compute-type.ts';
import { Engine } from '../asr/engine/engine.ts';
import type { EngineEvent } from '../asr/engine/engine-options.ts';
import { resolveWeights } from '../asr/weights/resolve-weights.ts';
import type { OnWeightEvent } from '../asr/weights/weight-events.ts';
import { weightSettings } from '../asr/weights/weight-settings.ts';
import type { ProviderChoice } from '../kernels/choose-provider.ts';
import { ownAdapters, publishedFor } from './chosen-adapters.ts';

export interface OpenEngineOptions {
  /** name or folder */
  readonly model: string;
  /** folders; `published` for the adapters that come with the project, `none` for none */
  readonly adapterFolders: readonly string[];
  readonly provider: ProviderChoice;
  readonly computeType: ComputeTypeChoice;
  readonly threads: number | undefined;
  readonly languageDefaults?: Readonly<Record<string, string>>;
  /** rows that wait or decode in the engine at once */
  readonly maxRows?: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onWeights: OnWeightEvent;
  readonly onEngine: (event: EngineEvent) => void;
}

/**
 * From a model's name to a running engine: weights, adapters, graphs, worker.
 * @throws FloraAsrError as `resolveWeights`, `ownAdapters` and `Engine.start`
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const { model, adapterFolders, provider, computeType, threads, languageDefaults, maxRows, env, signal, onWeights, onEngine } =
    options;
  const settings = weightSettings(env);
  const own = ownAdapters(adapterFolders); // before anything is downloaded: what is wrong is told at once
  const checkpoint = await resolveWeights(model, { ...settings, onEvent: onWeights, ...(signal && { signal }) });
  const adapters = [...own, ...publishedFor(checkpoint, adapterFolders)];
  return Engine.start({
    checkpoint,
    cacheDir: `${settings.cacheDir}/graphs`,
    adapters,
    provider,
    computeType,
    onEvent: onEngine,
    ...(threads !== undefined && { threads }),
    ...(languageDefaults && { languageDefaults }),
    ...(maxRows !== undefined && { maxRows }),
  });
}
