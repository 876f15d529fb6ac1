import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LearnerKind, ParameterLayout } from '../../../adapters/training/parameter-layout.ts';
import type { BatchGradients, GradientRunner, TaughtRow, Teaching } from '../../../asr/training/gradient-runner.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { noise, relativeError } from '../../support/tiny-weights.ts';
import { layoutFor, naiveLoss, openSmallRunner, perturbed, rowOf, taught } from './small-training.ts';

const TEACHING: Teaching = { tokenShare: 0.5, hiddenWeight: 0.7 };

const KINDS: readonly { readonly kind: LearnerKind; readonly rank: number }[] = [
  { kind: 'flora', rank: 1 },
  { kind: 'flora', rank: 2 },
  { kind: 'ia3', rank: 1 },
  { kind: 'lora', rank: 2 },
];

/** Learners 0 and 1, each with more than one row, of several lengths. */
const ROWS = [
  rowOf(0, 3, { context: 9, text: 3 }),
  rowOf(1, 4, { context: 14, text: 5 }),
  rowOf(0, 5, { context: 17, text: 2 }),
];
/** Learner 1's teacher heard more than the row has positions; of the last row it was not asked. */
const TAUGHT = [taught(ROWS[0] as TaughtRow, 8, 7), taught(ROWS[1] as TaughtRow, 9, 16), ROWS[2] as TaughtRow];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-gradients-'));
});
afterAll(async () => rm(folder, { recursive: true }));

interface Computed {
  readonly layout: ParameterLayout;
  readonly parameters: readonly Float32Array[];
  readonly rows: readonly TaughtRow[];
  readonly teaching: Teaching | null;
  readonly result: BatchGradients;
}

/** At each target, along a direction of chance. */
function expectSlopes({ layout, parameters, rows, teaching, result }: Computed): void {
  const random = seededRandom(6);
  for (const target of layout.targets) {
    for (const span of layout.kind === 'ia3' ? [target.a] : [target.a, target.b]) {
      const learner = random() < 0.5 ? 0 : 1;
      const [values, gradient] = [parameters[learner] as Float32Array, result.gradients[learner] as Float32Array];
      const own = rows.filter((row) => row.learner === learner);
      const direction = noise(random, span.end - span.start, 1);
      const lossAt = (step: number) => {
        const moved = values.slice();
        for (const [i, along] of direction.entries()) moved[span.start + i] = (moved[span.start + i] ?? 0) + step * along;
        return naiveLoss(layout, moved, own, teaching);
      };
      const slope = (lossAt(1e-3) - lossAt(-1e-3)) / 2e-3;
      const expected = direction.reduce((sum, along, i) => sum + along * (gradient[span.start + i] ?? 0), 0);
      const size = Math.sqrt(gradient.subarray(span.start, span.end).reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(slope - expected), target.name).toBeLessThan(1e-3 * size + 1e-5);
    }
  }
}

for (const { kind, rank } of KINDS) {
  describe(`gradients of ${kind} at rank ${rank}`, () => {
    const layout = layoutFor(kind, rank);
    const parameters = [perturbed(layout, 1), perturbed(layout, 2)];
    const rows = ROWS.slice(0, 2);
    let runner: GradientRunner;
    let result: BatchGradients;
    beforeAll(async () => {
      runner = await openSmallRunner(folder, layout);
      result = await runner.compute(rows, parameters);
    });
    afterAll(async () => runner.close());

    it('has the loss of plain Whisper, each row with its own adapter', () => {
      for (const [learner, row] of rows.entries()) {
        const loss = (result.lossSums[learner] ?? 0) / (result.tokenCounts[learner] ?? 0);
        expect(loss).toBeCloseTo(naiveLoss(layout, parameters[learner] as Float32Array, [row]), 4);
      }
    });

    it('has the slopes that finite differences of plain Whisper have, at every target', () => {
      expectSlopes({ layout, parameters, rows, teaching: null, result });
    });
  });
}

describe('gradients with a teacher', () => {
  const layout = layoutFor('flora', 1);
  const parameters = [perturbed(layout, 1), perturbed(layout, 2)];
  let runner: GradientRunner;
  beforeAll(async () => {
    runner = await openSmallRunner(folder, layout, TEACHING);
  });
  afterAll(async () => runner.close());

  it('has the slopes of the text’s loss, the teacher’s, and the distance from its encoder, where it was asked', async () => {
    const result = await runner.compute(TAUGHT, parameters);
    expect(result.tokenCounts).toEqual([7, 6]);
    expectSlopes({ layout, parameters, rows: TAUGHT, teaching: TEACHING, result });
  });

  it('is as without one in rows of which it was not asked', async () => {
    const plain = await openSmallRunner(folder, layout);
    try {
      const [asked, expected] = [await runner.compute(ROWS, parameters), await plain.compute(ROWS, parameters)];
      for (const learner of [0, 1]) {
        expect(asked.lossSums[learner]).toBeCloseTo(expected.lossSums[learner] ?? Number.NaN, 4);
        expect(relativeError(asked.gradients[learner] ?? [], expected.gradients[learner] ?? [])).toBeLessThan(1e-5);
      }
    } finally {
      await plain.close();
    }
  });
});

for (const teaching of [null, TEACHING]) {
  describe(`A batch of several learners${teaching === null ? '' : ' with a teacher'}`, () => {
    const layout = layoutFor('flora', 1);
    const parameters = [perturbed(layout, 1), perturbed(layout, 2), perturbed(layout, 3)];
    const rows = teaching === null ? ROWS : TAUGHT;
    let runner: GradientRunner;
    beforeAll(async () => {
      runner = await openSmallRunner(folder, layout, teaching);
    });
    afterAll(async () => runner.close());

    it('gives each the losses and gradients that it has alone', async () => {
      const mixed = await runner.compute(rows, parameters);
      for (const learner of [0, 1]) {
        const alone = await runner.compute(
          rows.filter((row) => row.learner === learner),
          parameters,
        );
        expect(mixed.tokenCounts[learner]).toBe(alone.tokenCounts[learner]);
        expect(mixed.lossSums[learner]).toBeCloseTo(alone.lossSums[learner] ?? Number.NaN, 4);
        expect(relativeError(mixed.gradients[learner] ?? [], alone.gradients[learner] ?? [])).toBeLessThan(1e-5);
      }
    });

    it('has nothing to say of a learner without rows', async () => {
      const { lossSums, tokenCounts, gradients } = await runner.compute(rows, parameters);
      expect([lossSums[2], tokenCounts[2], gradients[2]]).toEqual([0, 0, null]);
    });

    it('is refused where a row’s learner is not among them', async () => {
      const computed = runner.compute([rowOf(3, 1, { context: 9, text: 1 })], parameters);
      await expect(computed).rejects.toMatchObject({ code: 'argument_invalid', message: 'A row trains learner 3 of 3.' });
    });
  });
}
