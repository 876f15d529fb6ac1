import { describe, expect, it } from 'vitest';
import { ENGINE_FLAGS, engineOptionsSchema } from '../../../bench/benches/engine-options.ts';
import { featuresIn } from '../../../bench/benches/machine.ts';
import { readOptions } from '../../../bench/benches/options.ts';

const read = (...args: string[]) => readOptions(args, ENGINE_FLAGS, engineOptionsSchema);

describe("a bench's options", () => {
  it('have defaults', () => {
    expect(read()).toMatchObject({ model: 'whisper-base', utterances: 12, rounds: 5, peerUtterances: 24, computeType: 'auto' });
    expect(read().languages).toHaveLength(8);
  });

  it('are read from flags', () => {
    const options = read('--languages', 'el, fr', '--peer-utterances', 'all', '--batched-rounds', '0', '--threads', '2');
    expect(options).toMatchObject({ languages: ['el', 'fr'], peerUtterances: 'all', batchedRounds: 0, threads: 2 });
  });

  it('are refused by their names', () => {
    const refusal = (...args: string[]) => {
      try {
        return read(...args);
      } catch (error) {
        return error;
      }
    };
    expect(refusal('--utterances', '0')).toMatchObject({
      code: 'argument_invalid',
      message: '--utterances: expected at least 1',
    });
    expect(refusal('--compute-type', 'int4')).toMatchObject({ message: expect.stringContaining('--compute-type') });
    expect(refusal('--languages', 'xx')).toMatchObject({ message: expect.stringContaining('--languages') });
    expect(refusal('--surprise')).toMatchObject({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  });
});

describe("a CPU's features", () => {
  it('are those that Linux lists for the first core', () => {
    expect(featuresIn('model name\t: X\nflags\t\t: fpu avx2 avx512_vnni\n\nflags\t\t: other\n')).toEqual(
      new Set(['fpu', 'avx2', 'avx512_vnni']),
    );
    expect(featuresIn('Features\t: fp asimd asimddp\n')).toEqual(new Set(['fp', 'asimd', 'asimddp']));
    expect(featuresIn('nothing')).toBeNull();
  });
});
