import { describe, expect, it } from 'vitest';
import { capacityOf, planBank, poolsFor, threadShares } from '../../../asr/engine/model-plan.ts';
import { FC1, Q_PROJ, sampleAdapter } from '../../adapters/sample-adapters.ts';

describe('planBank', () => {
  const flora = sampleAdapter({ targets: [FC1], rank: 2 });
  const lora = sampleAdapter({ name: 'greek-stamps', kind: 'lora', rank: (target) => (target === FC1 ? 4 : 8) });

  it('has room at each target for the highest rank of each family', () => {
    const wide = sampleAdapter({ name: 'wide', rank: 1 });
    expect(planBank([FC1, Q_PROJ], [flora, lora, wide], { flora: 0, lora: 0 })).toEqual([
      { target: FC1, floraRank: 2, loraRank: 4 },
      { target: Q_PROJ, floraRank: 1, loraRank: 8 },
    ]);
  });

  it('has the reserved room at every target, whatever is loaded', () => {
    expect(planBank([FC1, Q_PROJ], [flora], { flora: 1, lora: 3 })).toEqual([
      { target: FC1, floraRank: 2, loraRank: 3 },
      { target: Q_PROJ, floraRank: 1, loraRank: 3 },
    ]);
  });

  it('leaves a target that nobody adapts as it is in the base model', () => {
    const capacity = capacityOf(planBank([FC1, Q_PROJ], [flora], { flora: 0, lora: 0 }));
    expect([capacity.floraRank(Q_PROJ.name), capacity.loraRank(Q_PROJ.name)]).toEqual([0, 0]);
    expect(capacity.floraRank(FC1.name)).toBe(2);
    expect(capacity.floraRank('model.encoder.layers.9.fc1')).toBe(0);
  });
});

describe('threadShares', () => {
  it('lets both graphs run at once on a CPU, with all threads between them', () => {
    expect(threadShares('cpu', 2)).toEqual({ encoder: 1, decoder: 1, beside: true });
    expect(threadShares('cpu', 7)).toEqual({ encoder: 4, decoder: 3, beside: true });
  });

  it('lets them take turns on a single core, and on a GPU', () => {
    expect(threadShares('cpu', 1)).toEqual({ encoder: 1, decoder: 1, beside: false });
    expect(threadShares('cuda', 8)).toEqual({ encoder: 8, decoder: 8, beside: false });
  });
});

describe('poolsFor', () => {
  it('has a pool for every context up to the longest, and none beyond', () => {
    expect(poolsFor(1_500).map((pool) => pool.context)).toEqual([384, 768, 1_500]);
    expect(poolsFor(768).map((pool) => pool.context)).toEqual([384, 768]);
    expect(poolsFor(24).map((pool) => pool.context)).toEqual([24]);
  });
});
