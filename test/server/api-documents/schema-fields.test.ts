import { expect, test } from 'vitest';
import { z } from 'zod';
import { componentSchemas, payloadSchema } from '../../../server/api-documents/json-schemas.ts';
import { fieldsOf } from '../../../server/api-documents/schema-fields.ts';

test('fields are told with what they may be, whether they must be there, and what they are otherwise', () => {
  const schema = z.strictObject({
    type: z.literal('go'),
    rate: z.int().min(8_000).max(48_000).describe('in Hz'),
    count: z.int().min(0),
    name: z.string().max(20).nullable().optional(),
    mode: z.enum(['fast', 'slow']).default('fast'),
    tokens: z.array(z.int()),
    pause: z.union([z.strictObject({ ms: z.number().max(9) }), z.literal(false)]),
  });
  expect(fieldsOf(payloadSchema(schema, 'input'))).toEqual([
    { name: 'type', type: '"go"', required: true, byDefault: null, description: '' },
    { name: 'rate', type: 'integer, 8000 to 48000', required: true, byDefault: null, description: 'in Hz' },
    { name: 'count', type: 'integer, at least 0', required: true, byDefault: null, description: '' },
    { name: 'name', type: 'string, at most 20 characters, or null', required: false, byDefault: null, description: '' },
    { name: 'mode', type: '"fast", "slow"', required: false, byDefault: '"fast"', description: '' },
    { name: 'tokens', type: 'list of integer', required: true, byDefault: null, description: '' },
    { name: 'pause', type: 'object, or false', required: true, byDefault: null, description: '' },
    { name: 'pause.ms', type: 'number, at most 9', required: true, byDefault: null, description: '' },
  ]);
});

test('schemas with names refer to each other, and say neither where they lie nor in which dialect', () => {
  const inner = z.strictObject({ a: z.int() });
  const schemas = componentSchemas({ Inner: inner, Outer: z.strictObject({ inner: inner.nullable() }) }, 'output');
  expect(schemas).toEqual({
    Inner: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false },
    Outer: {
      type: 'object',
      properties: { inner: { anyOf: [{ $ref: '#/components/schemas/Inner' }, { type: 'null' }] } },
      required: ['inner'],
      additionalProperties: false,
    },
  });
});
