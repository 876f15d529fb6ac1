import type { Adapter } from '../../adapters/adapter.ts';
import type { BankTarget } from '../../adapters/bank.ts';
import type { RankCapacity } from '../../adapters/check-fit.ts';
import type { Target } from '../../adapters/target.ts';
import type { ProviderChoice } from '../../kernels/choose-provider.ts';
import type { ExecutionProvider } from '../../kernels/session.ts';
import type { CheckpointLocation } from '../weights/checkpoint-location.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import type { ComputeTypeChoice } from './compute-type.ts';
import type { ScheduleLimits } from './schedule.ts';

/** Everything a worker needs to open the model: plain data, so that a restarted worker opens the same. */
export interface ModelPlan {
  readonly config: WhisperConfig;
  /** its digest was verified when the configuration was read */
  readonly checkpoint: CheckpointLocation;
  /** for compiled graphs */
  readonly cacheDir: string;
  readonly provider: ProviderChoice;
  readonly computeType: ComputeTypeChoice;
  readonly threads: number;
  /** of the adapters' bank, slot 0 included */
  readonly slots: number;
  readonly bankTargets: readonly BankTarget[];
  readonly pools: readonly { readonly context: number; readonly places: number }[];
  /** in place of those that suit the provider */
  readonly limits: Partial<ScheduleLimits>;
}

/** Ranks for which the bank has room at every target, whatever is loaded at start. */
export interface ReservedRanks {
  readonly flora: number;
  readonly lora: number;
}

/**
 * Room at each target for the adapters that are there at start, and for the reserved ranks. A target without either
 * costs nothing: it is computed as in the base model.
 */
export function planBank(
  targets: readonly Target[],
  adapters: readonly Adapter[],
  reserved: ReservedRanks,
): readonly BankTarget[] {
  const highest = (target: Target, kind: 'flora' | 'lora') =>
    adapters
      .filter((adapter) => adapter.manifest.kind === kind)
      .reduce((rank, adapter) => Math.max(rank, adapter.weights.get(target.name)?.rank ?? 0), reserved[kind]);
  return targets.map((target) => ({ target, floraRank: highest(target, 'flora'), loraRank: highest(target, 'lora') }));
}

export function capacityOf(bankTargets: readonly BankTarget[]): RankCapacity {
  const byName = new Map(bankTargets.map((entry) => [entry.target.name, entry]));
  return {
    floraRank: (target) => byName.get(target)?.floraRank ?? 0,
    loraRank: (target) => byName.get(target)?.loraRank ?? 0,
  };
}

/** Room for rows that decode side by side, by their longest context: longer ones take more memory, and are rarer. */
const POOLS: readonly { readonly context: number; readonly places: number }[] = [
  { context: 384, places: 32 },
  { context: 768, places: 16 },
];
const FULL_CONTEXT_PLACES = 16;

export function poolsFor(maxContext: number): ModelPlan['pools'] {
  return [...POOLS.filter((pool) => pool.context < maxContext), { context: maxContext, places: FULL_CONTEXT_PLACES }];
}

/**
 * A CPU is as quick with a few rows as with many, so its encoder batches are short and hardly padded: decoding waits less.
 * Nor is it worth waiting for a second row: rows that come together are taken together, and the rest gather while it works.
 */
const CPU_LIMITS: ScheduleLimits = {
  maxWaitMs: 2,
  togetherMs: 100,
  maxEncodeRows: 16,
  maxEncodePositions: 1_000,
  maxEncodePadding: 0.1,
};
const GPU_LIMITS: ScheduleLimits = {
  maxWaitMs: 15,
  togetherMs: 100,
  maxEncodeRows: 32,
  maxEncodePositions: 24_000,
  maxEncodePadding: 0.5,
};

export function limitsFor(provider: ExecutionProvider): ScheduleLimits {
  return provider === 'cpu' ? CPU_LIMITS : GPU_LIMITS;
}

/** How many threads each graph has, and whether both run at once. */
export interface ThreadShares {
  readonly encoder: number;
  readonly decoder: number;
  readonly beside: boolean;
}

/**
 * On a CPU two graphs at once, with half of the cores each, do more than one after the other with all of them
 * (docs/adr/0017). A single core, or a GPU, serves one at a time.
 */
export function threadShares(provider: ExecutionProvider, threads: number): ThreadShares {
  if (provider !== 'cpu' || threads < 2) return { encoder: threads, decoder: threads, beside: false };
  const decoder = Math.floor(threads / 2);
  return { encoder: threads - decoder, decoder, beside: true };
}
