import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { LearnerKind } from './parameter-layout.ts';

const count = z.int().min(1);
const share = z.number().min(0).max(1);
const decay = z.number().min(0).lt(1);

const loopRecipeSchema = z
  .strictObject({
    epochs: count,
    peakLearningRate: z.number().positive(),
    warmupSteps: z.int().min(0),
    /** of the peak learning rate, at the end of the run */
    finalShare: share,
    beta1: decay,
    beta2: decay,
    epsilon: z.number().positive(),
    /** towards the identity */
    weightDecay: z.number().min(0),
    /** per learner; null: gradients are not clipped */
    maxGradientNorm: z.number().positive().nullable(),
    /** of the moving average that is measured and kept instead of the parameters; null: no average */
    averageDecay: decay.nullable(),
    /** whether the parameters the run begins with are measured too, and kept if nothing is better */
    measureInitial: z.boolean(),
    /** null: after each epoch */
    measureEverySteps: count.nullable(),
    /** beyond those after each measurement; null: no others */
    checkpointEverySteps: count.nullable(),
    /** measurements in a row in which no learner gets better, after which the run ends; null: it never ends early */
    patience: count.nullable(),
    /** updates of a learner in a row that may be left out because loss or gradient is not finite */
    maxSkipsInARow: z.int().min(0),
    /** strengths that are tried at the end, see interpolate.ts */
    alphas: z.array(share).min(1).readonly(),
    /** how much more dev WER, as a fraction, a smaller alpha may have; it does less harm to what dev does not cover */
    alphaTolerance: share,
  })
  .readonly();

/** How the loop trains; plain JSON. */
export type LoopRecipe = z.output<typeof loopRecipeSchema>;

/** Of the paper (arXiv 2312.05677): FLoRA's is high, because its change is multiplicative. */
const PAPER_LEARNING_RATES: Readonly<Record<LearnerKind, number>> = { flora: 6e-3, ia3: 4e-3, lora: 2e-4 };

const DEFAULTS = {
  epochs: 10,
  warmupSteps: 50,
  finalShare: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
  averageDecay: null,
  measureInitial: true,
  measureEverySteps: null,
  checkpointEverySteps: 100,
  patience: 4,
  maxSkipsInARow: 10,
  alphas: [1, 0.9, 0.8, 0.7, 0.6, 0.5],
  alphaTolerance: 0.002,
} as const;

/**
 * A recipe with what is left out filled in.
 * @throws FloraAsrError `argument_invalid`, naming each field that is wrong
 */
export function loopRecipe(kind: LearnerKind, changes: Partial<LoopRecipe> = {}): LoopRecipe {
  const result = loopRecipeSchema.safeParse({ ...DEFAULTS, peakLearningRate: PAPER_LEARNING_RATES[kind], ...changes });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new FloraAsrError('argument_invalid', `The recipe cannot be trained by. ${problems.join('; ')}.`);
}
