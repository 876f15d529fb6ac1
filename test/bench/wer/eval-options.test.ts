import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../bench/benches/options.ts';
import { EVAL_FLAGS, evalOptionsSchema } from '../../../bench/wer/eval-options.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';

const beamOf = (...args: readonly string[]) => readOptions(args, EVAL_FLAGS, evalOptionsSchema).beam;

describe('--beam', () => {
  it('is what the service has where it is left out: of recordings, or of streams', () => {
    expect(beamOf()).toBe(5);
    expect(beamOf('--live')).toBe(1);
  });

  it('is taken as it is told, within what a row may have', () => {
    expect(beamOf('--beam', '2')).toBe(2);
    expect(beamOf('--live', '--beam', '3')).toBe(3);
    for (const beyond of ['0', '6', 'wide']) expect(() => beamOf('--beam', beyond)).toThrow(FloraAsrError);
  });
});
