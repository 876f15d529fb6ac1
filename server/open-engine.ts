import type { Adapter } from '../adapters/adapter.ts';
import { loadAdaptersFrom } from '../adapters/load-adapters-from.ts';
import type { ComputeTypeChoice } from '../asr/engine/compute-type.ts';
import { Engine, type EngineEvent } from '../asr/engine/engine.ts';
import { resolveWeights } from '../asr/weights/resolve-weights.ts';
import type { OnWeightEvent } from '../asr/weights/weight-events.ts';
import { weightSettings } from '../asr/weights/weight-settings.ts';
import type { ProviderChoice } from '../kernels/choose-provider.ts';
import { FloraAsrError } from '../kernels/errors.ts';

export interface OpenEngineOptions {
  /** name or folder */
  readonly model: string;
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
 * @throws FloraAsrError as `resolveWeights`, `loadAllAdapters` and `Engine.start`
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const { model, adapterFolders, provider, computeType, threads, languageDefaults, maxRows, env, signal, onWeights, onEngine } =
    options;
  const adapters = loadAllAdapters(adapterFolders);
  const settings = weightSettings(env);
  const checkpoint = await resolveWeights(model, { ...settings, onEvent: onWeights, ...(signal && { signal }) });
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

/**
 * The adapters of all folders. One that is broken is an error, and not left out: its language's rows would silently
 * get the base model.
 * @throws FloraAsrError `adapter_invalid` with everything that is wrong, `file_not_found`
 */
function loadAllAdapters(folders: readonly string[]): readonly Adapter[] {
  const loaded = folders.map(loadAdaptersFrom);
  const failures = loaded.flatMap(({ failures: some }) => some);
  if (failures.length > 0) {
    throw new FloraAsrError('adapter_invalid', failures.map(({ error }) => error.message).join('\n'), {
      cause: failures[0]?.error,
    });
  }
  loaded.forEach(({ adapters }, index) => {
    if (adapters.length > 0) return;
    throw new FloraAsrError(
      'file_not_found',
      `${folders[index]} holds no adapter: no adapter.json in it or in its sub-folders.`,
    );
  });
  return loaded.flatMap(({ adapters }) => adapters);
}
