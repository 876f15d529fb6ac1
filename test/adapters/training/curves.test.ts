import { describe, expect, it } from 'vitest';
import { axisOver } from '../../../adapters/training/axis-ticks.ts';
import { trainingCurves } from '../../../adapters/training/curves.ts';

const HISTORY = {
  losses: Array.from({ length: 40 }, (_, index) => ({ step: index + 1, losses: [3 - index / 20, index % 2 === 0 ? null : 2] })),
  measurements: [0, 20, 40].map((step) => ({ step, epoch: step / 20, wers: [0.98 - step / 100, 0.5] })),
};

describe('the curves', () => {
  it('have a line for each learner in both plots and in the legend, and a dot for each measurement', () => {
    const svg = trainingCurves(HISTORY, ['el', 'ca'], 'Two languages');
    expect(svg.match(/<polyline/g)).toHaveLength(4);
    expect(svg.match(/<circle/g)).toHaveLength(6);
    for (const name of ['el', 'ca', 'Two languages']) expect(svg).toContain(`>${name}</text>`);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|href/);
  });

  it('escape names, and are well-formed', () => {
    const svg = trainingCurves(HISTORY, ['<el>', '"&"']);
    expect(svg).toContain('&#60;el&#62;');
    const open: string[] = [];
    for (const [, closing, name, empty] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name as string);
    }
    expect(open).toEqual([]);
  });

  it('can be drawn before there is anything to draw', () => {
    expect(trainingCurves({ losses: [], measurements: [] }, ['el'])).not.toMatch(/NaN|Infinity/);
  });
});

describe('an axis', () => {
  it.each([
    [[0, 5000], 8, [0, 1000, 2000, 3000, 4000, 5000]],
    [[0, 0.98], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[0.1, 0.3], 4, [0.1, 0.15, 0.2, 0.25, 0.3]],
    [[-1, 2], 3, [-1, 0, 1, 2]],
    [[0, 0], 5, [0, 0.2]],
  ] as const)('over %j ends at round numbers', (values, aim, ticks) => {
    expect(axisOver(values, aim).ticks).toEqual(ticks);
  });
});
