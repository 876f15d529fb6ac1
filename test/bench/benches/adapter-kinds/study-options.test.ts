import { describe, expect, it } from 'vitest';
import { rateFactorsOf, STUDY_FLAGS, studyOptionsSchema } from '../../../../bench/benches/adapter-kinds/study-options.ts';
import { readOptions } from '../../../../bench/benches/options.ts';

const read = (...args: readonly string[]) => readOptions(args, STUDY_FLAGS, studyOptionsSchema);

describe('the options of the study', () => {
  it('are the comparison that is asked for, where nothing is said', () => {
    expect(read()).toMatchObject({
      kinds: ['flora', 'ia3', 'lora'],
      seeds: [1, 2, 3],
      languages: ['bg', 'ca', 'el', 'ro', 'ru', 'es'],
      limit: 300,
      epochs: 3,
      markdown: false,
    });
  });

  it('take lists', () => {
    expect(read('--seeds', '4, 5', '--kinds', 'lora', '--markdown')).toMatchObject({
      seeds: [4, 5],
      kinds: ['lora'],
      markdown: true,
    });
  });

  it.each([
    ['--seeds', '0'],
    ['--seeds', '1,1'],
    ['--kinds', 'dora'],
    ['--languages', 'el,tlh'],
    ['--rate-factors', '1,x'],
    ['--epochs', '0'],
  ])('refuse %s %s', (flag, value) => {
    expect(() => read(flag, value)).toThrow(
      expect.objectContaining({ code: 'argument_invalid', message: expect.stringContaining(flag) }),
    );
  });
});

describe('rate factors', () => {
  it('are 1 if left out', () => {
    expect(rateFactorsOf('lora', read())).toEqual([1]);
  });

  it('are of every kind, unless a kind has its own', () => {
    const options = read('--rate-factors', '1,3,lora=10,lora=30');
    expect(rateFactorsOf('flora', options)).toEqual([1, 3]);
    expect(rateFactorsOf('lora', options)).toEqual([10, 30]);
  });

  it('leave the others at 1 where only one kind has some', () => {
    expect(rateFactorsOf('ia3', read('--rate-factors', 'lora=10'))).toEqual([1]);
  });

  it.each(['dora=10', 'lora=', '=3', 'lora=1=2', '0', 'x', '1,1', ''])('are refused as %j', (list) => {
    expect(() => read('--rate-factors', list)).toThrow(/rate-factors/);
  });
});
