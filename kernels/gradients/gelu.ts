import type { Value } from '../graph/graph.ts';
import type { Traced, TrainingContext } from './traced.ts';

/**
 * Semantics: the exact GELU, y = x Φ(x), differentiable. With s = x / √2, Φ(x) = (1 + erf s) / 2 and the normal density
 * φ(x) = e^(−s²) / √(2π):
 *
 *   dx = dy ∘ (Φ(x) + x φ(x)),   x φ(x) = s e^(−s²) / √π
 */
export function tracedGelu({ graph }: TrainingContext, x: Value): Traced {
  const s = graph.op('Mul', [x, graph.scalar(Math.SQRT1_2)]);
  const half = graph.scalar(0.5);
  const share = graph.op('Add', [graph.op('Mul', [graph.op('Erf', [s]), half]), half]); // Φ(x)
  return {
    value: graph.op('Mul', [x, share]),
    pull: (gradient) => {
      const density = graph.op('Exp', [graph.op('Neg', [graph.op('Mul', [s, s])])]);
      const slope = graph.op('Mul', [graph.op('Mul', [s, density]), graph.scalar(1 / Math.sqrt(Math.PI))]);
      return graph.op('Mul', [gradient, graph.op('Add', [share, slope])]);
    },
  };
}
