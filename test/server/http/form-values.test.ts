import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { type FormShape, formValues } from '../../../server/http/form-values.ts';

const SHAPE: FormShape = {
  known: ['name', 'list', 'plan', 'count', 'flag'],
  arrays: ['list'],
  objects: ['plan'],
  numbers: ['count'],
  booleans: ['flag'],
};
const read = (...fields: readonly (readonly [name: string, value: string])[]) =>
  formValues(
    fields.map(([name, value]) => ({ name, value })),
    SHAPE,
  );

describe('values of a form', () => {
  it('are arrays by either of their names, even mixed', () => {
    expect(read(['list[]', 'a'], ['list', 'b'], ['list[]', 'a'])).toEqual({ list: ['a', 'b', 'a'] });
  });

  it('are empty arrays where an array is an empty text, as forms write it', () => {
    expect(read(['list', ''])).toEqual({ list: [] });
    expect(read(['list[]', ''], ['list[]', 'a'])).toEqual({ list: ['a'] });
  });

  it('are objects in brackets, with numbers in them, or as JSON, or a word', () => {
    const plan = { type: 'pause', after: 0.5 };
    expect(read(['plan[type]', 'pause'], ['plan[after]', '0.5'])).toEqual({ plan });
    expect(read(['plan', JSON.stringify(plan)])).toEqual({ plan });
    for (const word of ['auto', '"auto"']) expect(read(['plan', word])).toEqual({ plan: 'auto' });
    for (const other of ['[1]', '7', 'null', '{"type":']) expect(read(['plan', other])).toEqual({ plan: other });
  });

  it('are numbers and truths where they look like them, and else the text, to be refused', () => {
    expect(read(['count', '0'], ['flag', 'False'])).toEqual({ count: 0, flag: false });
    expect(read(['count', ' '], ['flag', '1'])).toEqual({ count: ' ', flag: '1' });
    expect(read(['name', '007'])).toEqual({ name: '007' });
  });

  it('are never two things at once', () => {
    const twice = [
      [
        ['name', 'a'],
        ['name', 'a'],
      ],
      [
        ['plan', 'auto'],
        ['plan[type]', 'pause'],
      ],
      [
        ['plan[type]', 'pause'],
        ['plan', 'auto'],
      ],
      [
        ['plan[type]', 'pause'],
        ['plan[type]', 'pause'],
      ],
      [['list[0]', 'a']],
      [['name[]', 'a']],
      [['plan[]', 'a']],
    ] as const;
    for (const fields of twice) expect(() => read(...fields)).toThrow(expect.objectContaining({ code: 'request_invalid' }));
  });

  it('are refused with a list of what there is, where the name is unknown', () => {
    for (const name of ['nam', 'name.first', 'plan[a][b]', '[]', '', '__proto__', 'constructor', 'toString']) {
      expect(() => read([name, 'x'])).toThrow(
        expect.objectContaining({ message: expect.stringContaining('name, list, plan') }),
      );
    }
  });

  it('are read, or refused by our own error, whatever is sent', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('list[]', 'plan[__proto__]', 'plan[constructor]', 'plan', 'count', 'flag'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string()), { maxLength: 5 }), (fields) => {
        try {
          expect(Object.keys(read(...fields)).every((key) => SHAPE.known.includes(key))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FloraAsrError);
        }
      }),
    );
  });
});
