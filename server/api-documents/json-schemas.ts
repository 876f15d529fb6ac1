import { z } from 'zod';

/** What of JSON Schema zod writes and the pages read. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly [keyword: string]: unknown;
}

/**
 * Schemas by their names, which refer to each other as `#/components/schemas/NAME`.
 * @param io what a client may write (fields with defaults are optional), or what it reads
 */
export function componentSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema as JsonSchema)]));
}

/** One schema, whole, in the draft that AsyncAPI builds on. */
export function payloadSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  return withoutAddress(z.toJSONSchema(schema, { io, target: 'draft-7' }) as JsonSchema);
}

/** Where a schema lies in a document, and its dialect, the document tells. */
function withoutAddress({ $schema: _dialect, $id: _address, ...schema }: JsonSchema): JsonSchema {
  return withoutSafeIntegers(schema) as JsonSchema;
}

/** zod bounds every integer by what JavaScript can count to, which tells a reader nothing. */
function withoutSafeIntegers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSafeIntegers);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => Math.abs(Number(item)) !== Number.MAX_SAFE_INTEGER);
  return Object.fromEntries(kept.map(([keyword, item]) => [keyword, withoutSafeIntegers(item)]));
}
