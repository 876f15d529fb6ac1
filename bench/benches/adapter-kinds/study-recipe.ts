import { createHash } from 'node:crypto';
import { loopRecipe } from '../../../adapters/training/loop-recipe.ts';
import { type LearnerKind, parameterLayout } from '../../../adapters/training/parameter-layout.ts';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import { parseRunRecipe, type RunRecipe } from '../../training/run-recipe.ts';
import { DEFAULT_TRAINING, trainedTargets } from '../../training/training-recipe.ts';

/** In the order of the paper's table. */
export const KINDS = ['flora', 'ia3', 'lora'] as const satisfies readonly LearnerKind[];

export const KIND_TITLES: Readonly<Record<LearnerKind, string>> = { flora: 'FLoRA', ia3: '(IA)³', lora: 'LoRA' };

/** FLoRA and LoRA have as many parameters at the same rank; (IA)³ has no other. */
const RANKS = { audio: 1, text: 1 } as const;
/** Beyond any run: dev is measured after the last step alone, so it chooses nothing. */
const AFTER_THE_LAST_STEP = 1_000_000_000;

export interface CellChoice {
  readonly kind: LearnerKind;
  readonly seed: number;
  readonly languages: readonly string[];
  /** training utterances of each language */
  readonly limit: number;
  readonly epochs: number;
  /** dev utterances of each language; null: all */
  readonly devLimit: number | null;
  /** times the paper's */
  readonly rateFactor: number;
}

/** How a cell is trained: but for kind and learning rate, all cells of a seed the same. */
export function cellRecipe({ kind, seed, languages, limit, devLimit, epochs, rateFactor }: CellChoice): RunRecipe {
  const loop = {
    epochs,
    peakLearningRate: Number((rateFactor * loopRecipe(kind).peakLearningRate).toPrecision(6)),
    averageDecay: null,
    measureInitial: false,
    measureEverySteps: AFTER_THE_LAST_STEP,
    patience: null,
    alphas: [1],
  };
  const data = { data: ['tuxpaint'], texts: 'transcripts', languages, limit, devLimit, initial: null };
  return parseRunRecipe({ ...DEFAULT_TRAINING, kind, seed, ranks: RANKS, loop, ...data }, 'The study');
}

/** What a cell's numbers depend on beside its recipe. */
export interface StudyInputs {
  /** of the base model's weights */
  readonly weights: string;
  /** what the corpus was made from */
  readonly corpus: string;
}

/** Sixteen hex digits over everything but the seed. */
export function recipeDigest(recipe: RunRecipe, inputs: StudyInputs): string {
  return digestOf({ ...recipe, seed: null, loop: loopRecipe(recipe.kind, recipe.loop), ...inputs });
}

/** Sixteen hex digits over plain JSON. */
export function digestOf(json: unknown): string {
  return createHash('sha256').update(JSON.stringify(json)).digest('hex').slice(0, 16);
}

/** How many numbers training changes in an adapter. */
export function parameterCount(config: WhisperConfig, kind: LearnerKind): number {
  const { trained } = parameterLayout(kind, trainedTargets(config, { ranks: RANKS }));
  return trained.reduce((sum, { start, end }) => sum + end - start, 0);
}
