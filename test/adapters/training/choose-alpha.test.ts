import { describe, expect, it } from 'vitest';
import { chooseAlpha } from '../../../adapters/training/choose-alpha.ts';
import { train } from '../../../adapters/training/train.ts';
import { codeOf } from '../sample-adapters.ts';
import { toyRun } from './toy-run.ts';

const measured = (wers: readonly number[]) => wers.map((wer, index) => ({ alpha: 1 - index / 10, wer }));

describe('the strength', () => {
  it.each([
    ['the best', [0.3, 0.2, 0.25], 0.9],
    ['the smaller of two equal ones', [0.3, 0.2, 0.2], 0.8],
    ['a smaller one within the tolerance', [0.2, 0.3, 0.2015], 0.8],
    ['no smaller one beyond it', [0.2, 0.3, 0.203], 1],
  ] as const)('is %s', (_, wers, alpha) => {
    expect(chooseAlpha(measured(wers), 0.002)).toEqual({ alpha, wer: wers[Math.round(10 * (1 - alpha))] });
  });

  it('needs something to choose from', () => {
    expect(codeOf(() => chooseAlpha([], 0.002))).toBe('argument_invalid');
  });

  it('is chosen at the end of a run for each learner, and its parameters go that way', async () => {
    const options = toyRun({ alphas: [1, 0.5, 0], alphaTolerance: 0 });
    const outcome = await train({ ...options, measureAlpha: alphaRates });
    if (outcome.status !== 'trained') throw new Error('The run was stopped.');
    const [el, ca, ro] = outcome.learners;
    expect([el?.alpha, ca?.alpha, ro?.alpha]).toEqual([1, 0.5, 0]);
    expect([el?.wer, ca?.wer, ro?.wer]).toEqual([0.1, 0.1, 0.1]);
    expect(el?.parameters).toEqual(el?.best.parameters);
    const best = ca?.best.parameters[0] as number;
    expect(ca?.parameters[0]).toBeCloseTo(1 + 0.5 * (best - 1), 6);
    expect(ro?.alphas.map(({ alpha }) => alpha)).toEqual([1, 0.5, 0]);
  });
});

let calls = 0;
/** The first learner is best at the first strength, the second at the second, the third at the third. */
async function alphaRates(parameters: readonly Float32Array[]): Promise<readonly number[]> {
  calls += 1;
  return parameters.map((_, index) => (index === calls - 1 ? 0.1 : 0.2));
}
