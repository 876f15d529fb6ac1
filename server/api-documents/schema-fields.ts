import type { JsonSchema } from './json-schemas.ts';

/** A field of a message, as a table shows it. */
export interface SchemaField {
  /** `endpointing.silence_ms` */
  readonly name: string;
  /** `integer, 8000 to 48000` */
  readonly type: string;
  readonly required: boolean;
  /** JSON */
  readonly byDefault: string | null;
  readonly description: string;
}

/** The fields of an object, those of inner objects behind them. */
export function fieldsOf({ properties = {}, required = [] }: JsonSchema, prefix = ''): readonly SchemaField[] {
  return Object.entries(properties).flatMap(([name, property]) => [
    {
      name: `${prefix}${name}`,
      type: typeText(property),
      required: required.includes(name),
      byDefault: property.default === undefined ? null : JSON.stringify(property.default),
      description: property.description ?? '',
    },
    ...alternatives(property).flatMap((alternative) => fieldsOf(alternative, `${prefix}${name}.`)),
  ]);
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? [schema];
}

function typeText(schema: JsonSchema): string {
  const several = alternatives(schema);
  if (several.length > 1) return several.map(typeText).join(', or ');
  const { const: constant, enum: values, type = 'anything', items } = schema;
  if (constant !== undefined) return JSON.stringify(constant);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ');
  if (items !== undefined) return `list of ${typeText(items)}`;
  const bounds = range(schema);
  return bounds === '' ? type : `${type}, ${bounds}`;
}

function range({ minLength, maxLength, minimum = minLength, maximum = maxLength }: JsonSchema): string {
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters';
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}${unit}`;
  if (minimum !== undefined) return `at least ${minimum}${unit}`;
  return maximum === undefined ? '' : `at most ${maximum}${unit}`;
}
