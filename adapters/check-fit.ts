import { FloraAsrError } from '../kernels/errors.ts';
import type { Adapter } from './adapter.ts';
import type { BaseModel } from './manifest.ts';
import type { Target } from './target.ts';

/** A base model as adapters see it. */
export interface AdaptableModel extends BaseModel {
  readonly targets: readonly Target[];
}

/** The highest ranks for which a bank has room, by target; 0 where that family is absent. */
export interface RankCapacity {
  floraRank(target: string): number;
  loraRank(target: string): number;
}

/** How many misfits an error spells out: a wrong base misfits at every target. */
const SHOWN_MISFITS = 4;

/**
 * An adapter that fits can be computed exactly as it was trained; any other is refused, and the base
 * model never stands in for it.
 * @throws FloraAsrError `adapter_incompatible`, naming the base, target, shape or rank that does not fit
 */
export function checkFit(adapter: Adapter, base: AdaptableModel, capacity: RankCapacity): void {
  const { baseModel } = adapter.manifest;
  if (baseModel.digest !== base.digest) {
    throw new FloraAsrError(
      'adapter_incompatible',
      `Adapter ${adapter.id} was trained for ${baseModel.name} (${baseModel.digest}), ` +
        `but the base model here is ${base.name} (${base.digest}).`,
    );
  }
  const targets = new Map(base.targets.map((target) => [target.name, target]));
  const misfits = [...adapter.weights.keys()].flatMap((name) => {
    const target = targets.get(name);
    if (target === undefined) return [`${base.name} has no target ${name}`];
    return targetMisfits(adapter, target, capacity);
  });
  refuseMisfits(adapter, misfits);
}

/** What keeps an adapter from being computed at a target, in words; empty if nothing does. */
export function targetMisfits(adapter: Adapter, target: Target, capacity: RankCapacity): readonly string[] {
  const weights = adapter.weights.get(target.name);
  if (weights === undefined) return [];
  const misfits: string[] = [];
  if (weights.inDim !== target.inDim || weights.outDim !== target.outDim) {
    misfits.push(
      `${target.name} maps ${target.inDim} to ${target.outDim} values, ` +
        `the adapter has factors for ${weights.inDim} to ${weights.outDim}`,
    );
  }
  const { kind } = adapter.manifest;
  const room = kind === 'flora' ? capacity.floraRank(target.name) : capacity.loraRank(target.name);
  if (weights.rank > room) {
    misfits.push(`${target.name} has room for ${kind} adapters up to rank ${room}, the adapter has rank ${weights.rank}`);
  }
  return misfits;
}

/** @throws FloraAsrError `adapter_incompatible` if there is any misfit */
export function refuseMisfits(adapter: Adapter, misfits: readonly string[]): void {
  if (misfits.length === 0) return;
  const more = misfits.length - SHOWN_MISFITS;
  const shown = misfits.slice(0, SHOWN_MISFITS).join('; ') + (more > 0 ? `; and ${more} more` : '');
  throw new FloraAsrError('adapter_incompatible', `Adapter ${adapter.id} does not fit: ${shown}.`);
}
