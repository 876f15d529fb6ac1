import type { TargetRanks } from '../../kernels/layers/adapted-linear.ts';
import type { LayerContext } from '../../kernels/layers/parameters.ts';

/** What is decided before a Whisper graph is built. */
export interface GraphPlan extends Omit<LayerContext, 'graph'> {
  /** Room for adapters at each target. */
  readonly ranks: (target: string) => TargetRanks;
}
