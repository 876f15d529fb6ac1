import type { ExampleSpec } from './example-spec.ts';
import { type Random, shuffled, uniform } from './random-choices.ts';

/** What one step may cost. A single example that costs more is a batch of its own. */
export interface BatchLimits {
  /** rows · longest context: what linear layers cost, and activations take */
  readonly positions: number;
  /** rows · longest context²: what attention takes */
  readonly squaredPositions: number;
  /** of all rows */
  readonly targetTokens: number;
}

export const DEFAULT_LIMITS: BatchLimits = { positions: 3_000, squaredPositions: 3_000_000, targetTokens: 320 };

export interface BatchRecipe {
  readonly limits: BatchLimits;
  /** of the batches: these are encoded at the full context, which an adapter must not unlearn */
  readonly fullShare: number;
  /** encoder positions: 1,500 */
  readonly fullContext: number;
}

/** The examples of one step, all encoded at their own contexts, or all at the full one. */
export interface PlannedBatch {
  readonly context: 'own' | 'full';
  readonly specs: readonly ExampleSpec[];
}

/** Contexts are mixed by so much before they are sorted, so that an epoch's batches are not those of the last. */
const JITTER = [0.95, 1.05] as const;

/**
 * Cuts an epoch into steps. Rows of a batch are of similar length, so that little is padding; languages come as chance
 * has it, and batches in an order of chance. Each example is in exactly one batch.
 */
export function planBatches(
  specs: readonly ExampleSpec[],
  { limits, fullShare, fullContext }: BatchRecipe,
  random: Random,
): readonly PlannedBatch[] {
  const order = shuffled(random, specs);
  const ofFull = cut(order, () => fullContext, limits);
  // full batches hold few rows, so that the others are hardly fewer for them
  const ownCount = cut(bySimilarLength(order, random), (spec) => spec.context, limits).length;
  const fullCount = fullShare === 1 ? ofFull.length : Math.round((ownCount * fullShare) / (1 - fullShare));
  const full = ofFull.slice(0, fullCount);
  const rest = order.slice(full.reduce((sum, batch) => sum + batch.length, 0));
  const own = cut(bySimilarLength(rest, random), (spec) => spec.context, limits);
  return shuffled(random, [
    ...full.map((batch) => ({ context: 'full' as const, specs: batch })),
    ...own.map((batch) => ({ context: 'own' as const, specs: batch })),
  ]);
}

/** The longest first. */
function bySimilarLength(specs: readonly ExampleSpec[], random: Random): readonly ExampleSpec[] {
  return specs
    .map((spec) => ({ spec, key: spec.context * uniform(random, JITTER) }))
    .sort((left, right) => right.key - left.key)
    .map(({ spec }) => spec);
}

/** Fills one batch after the other, in the order given. */
function cut(
  specs: readonly ExampleSpec[],
  contextOf: (spec: ExampleSpec) => number,
  { positions, squaredPositions, targetTokens }: BatchLimits,
): readonly (readonly ExampleSpec[])[] {
  const batches: ExampleSpec[][] = [];
  let [longest, tokens] = [0, 0];
  for (const spec of specs) {
    const last = batches.at(-1);
    const rows = (last?.length ?? 0) + 1;
    longest = Math.max(longest, contextOf(spec));
    tokens += spec.targetTokens;
    const fits = rows * longest <= positions && rows * longest ** 2 <= squaredPositions && tokens <= targetTokens;
    if (last !== undefined && fits) last.push(spec);
    else {
      batches.push([spec]);
      [longest, tokens] = [contextOf(spec), spec.targetTokens];
    }
  }
  return batches;
}
