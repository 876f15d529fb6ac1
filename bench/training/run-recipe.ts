import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { trainingRecipeSchema } from './training-recipe.ts';

const most = z.int().min(1).nullable();

/** A run as it can be done again: what was learned from, and how. */
const runRecipeSchema = trainingRecipeSchema.unwrap().extend({
  /** names of corpora, or paths of manifests and folders */
  data: z.array(z.string().min(1)).min(1).readonly(),
  /** learners, in order: their rows share batches */
  languages: z.array(z.string().min(2)).min(1).readonly(),
  /** utterances of each language that are learned from, and measured on; null: all */
  limit: most,
  devLimit: most,
  /** by language, the digest of the adapter that it began with; null: it began as the base model */
  initial: z.record(z.string(), z.string()).nullable(),
});

export type RunRecipe = z.output<typeof runRecipeSchema>;

/** @throws FloraAsrError `argument_invalid`, naming each field that is wrong */
export function parseRunRecipe(json: unknown, source: string): RunRecipe {
  const result = runRecipeSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [path.join('.'), message].join(': '));
  throw new FloraAsrError('argument_invalid', `${source} has no recipe that can be trained by. ${problems.join('; ')}.`);
}
