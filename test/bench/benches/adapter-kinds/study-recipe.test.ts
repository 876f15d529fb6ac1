import { describe, expect, it } from 'vitest';
import { recipeDifferences } from '../../../../adapters/training/recipe-differences.ts';
import {
  type CellChoice,
  cellRecipe,
  parameterCount,
  recipeDigest,
} from '../../../../bench/benches/adapter-kinds/study-recipe.ts';
import { TINY } from '../../../support/tiny-whisper.ts';

const CHOICE: CellChoice = {
  kind: 'flora',
  seed: 1,
  languages: ['el', 'ru'],
  limit: 300,
  devLimit: 10,
  epochs: 3,
  rateFactor: 1,
};
const INPUTS = { weights: 'sha256:1', corpus: 'tuxpaint 1' };

describe('the recipe of a cell', () => {
  it('is the same for all kinds but for the learning rate, which is the paper’s', () => {
    const [flora, ia3, lora] = (['flora', 'ia3', 'lora'] as const).map((kind) => cellRecipe({ ...CHOICE, kind }));
    expect(recipeDifferences(flora, lora).map(({ field }) => field)).toEqual(['kind', 'loop.peakLearningRate']);
    expect([flora, ia3, lora].map((recipe) => recipe?.loop['peakLearningRate'])).toEqual([6e-3, 4e-3, 2e-4]);
  });

  it('neither ends early nor chooses by dev', () => {
    expect(cellRecipe(CHOICE).loop).toMatchObject({ epochs: 3, patience: null, alphas: [1], measureInitial: false });
  });

  it('has a digest that no seed changes, and everything else does', () => {
    const digest = recipeDigest(cellRecipe(CHOICE), INPUTS);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(recipeDigest(cellRecipe({ ...CHOICE, seed: 2 }), INPUTS)).toBe(digest);
    for (const change of [{ kind: 'lora' }, { limit: 200 }, { epochs: 4 }, { rateFactor: 3 }, { languages: ['el'] }] as const) {
      expect(recipeDigest(cellRecipe({ ...CHOICE, ...change }), INPUTS)).not.toBe(digest);
    }
    expect(recipeDigest(cellRecipe(CHOICE), { ...INPUTS, weights: 'sha256:2' })).not.toBe(digest);
  });

  it('gives FLoRA and LoRA as many parameters, and (IA)³ half of them', () => {
    const [flora, ia3, lora] = (['flora', 'ia3', 'lora'] as const).map((kind) => parameterCount(TINY, kind));
    expect(lora).toBe(flora);
    expect(ia3).toBe((flora ?? 0) / 2);
  });
});
