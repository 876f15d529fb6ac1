import { describe, expect, it } from 'vitest';
import { checkFit } from '../../adapters/check-fit.ts';
import { BASE, codeOf, FC1, Q_PROJ, sampleAdapter } from './sample-adapters.ts';

const BASE_MODEL = { ...BASE, targets: [FC1, Q_PROJ] };
const ROOM = { floraRank: () => 2, loraRank: () => 4 };

describe('checkFit', () => {
  it('accepts an adapter of either kind that fits', () => {
    checkFit(sampleAdapter({ rank: 2 }), BASE_MODEL, ROOM);
    checkFit(sampleAdapter({ kind: 'lora', rank: 4 }), BASE_MODEL, ROOM);
  });

  it('accepts an adapter for some of the targets', () => {
    checkFit(sampleAdapter({ targets: [Q_PROJ] }), BASE_MODEL, ROOM);
  });

  const refusals: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'an adapter for another base, naming both digests',
      () => checkFit(sampleAdapter({ base: { name: 'whisper-small', digest: `sha256:${'cd'.repeat(32)}` } }), BASE_MODEL, ROOM),
      /spanish-stamps@1\.0\.0 was trained for whisper-small \(sha256:cdcd.*the base model here is whisper-tiny-test \(sha256:abab/,
    ],
    [
      'a target that the base does not have',
      () => checkFit(sampleAdapter(), { ...BASE_MODEL, targets: [FC1] }, ROOM),
      /whisper-tiny-test has no target model\.decoder\.layers\.0\.self_attn\.q_proj/,
    ],
    [
      'another shape',
      () => checkFit(sampleAdapter({ targets: [{ ...FC1, outDim: 6 }] }), BASE_MODEL, ROOM),
      /fc1 maps 3 to 5 values, the adapter has factors for 3 to 6/,
    ],
    [
      'a FLoRA rank above the room',
      () => checkFit(sampleAdapter({ rank: 3 }), BASE_MODEL, ROOM),
      /fc1 has room for flora adapters up to rank 2, the adapter has rank 3/,
    ],
    [
      'a LoRA adapter where there is no room for any',
      () => checkFit(sampleAdapter({ kind: 'lora' }), BASE_MODEL, { ...ROOM, loraRank: () => 0 }),
      /up to rank 0, the adapter has rank 1/,
    ],
  ];
  for (const [what, action, message] of refusals) {
    it(`refuses ${what}`, () => {
      expect(action).toThrow(message);
      expect(codeOf(action)).toBe('adapter_incompatible');
    });
  }
});
