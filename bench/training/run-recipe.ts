import { z } from 'zod';
import { loopRecipe } from '../../adapters/training/loop-recipe.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { trainingRecipeSchema } from './training-recipe.ts';

const most = z.int().min(1).nullable();

/** A run as it can be done again: what was learned from, and how. */
const runRecipeSchema = trainingRecipeSchema.unwrap().extend({
  /** names of corpora, or paths of manifests and folders, each with `:el,es` where only some languages are taken */
  data: z.array(z.string().min(1)).min(1).readonly(),
  /**
   * transcripts: an adapter for each language, from what was said
   * teacher: one adapter for all of them, from what the base model hears at full context
   */
  texts: z.enum(['transcripts', 'teacher']),
  /** in order: their rows share batches */
  languages: z
    .array(z.string().min(2))
    .min(1)
    .refine((languages) => new Set(languages).size === languages.length, 'expected each language once')
    .readonly(),
  /** utterances of each language that are learned from, and measured on; null: all */
  limit: most,
  devLimit: most,
  /** by language, the digest of the adapter that it began with; null: it began as the base model */
  initial: z.record(z.string(), z.string()).nullable(),
});

export type RunRecipe = z.output<typeof runRecipeSchema>;

/** @throws FloraAsrError `argument_invalid`, naming each field that is wrong, the loop's too */
export function parseRunRecipe(json: unknown, source: string): RunRecipe {
  const recipe = parsed(runRecipeSchema, json, source);
  loopRecipe(recipe.kind, recipe.loop);
  return recipe;
}

/** Some fields of a recipe. @throws FloraAsrError `argument_invalid`, naming each field that is wrong */
export function parseRecipeFields(json: unknown, source: string): Partial<RunRecipe> {
  return parsed(runRecipeSchema.partial(), json, source) as Partial<RunRecipe>; // JSON has no undefined
}

function parsed<Schema extends z.ZodType>(schema: Schema, json: unknown, source: string): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new FloraAsrError('argument_invalid', `${source} has no recipe that can be trained by. ${problems.join('; ')}.`);
}
