import { FloraAsrError } from '../../kernels/errors.ts';
import type { FormField } from './read-upload.ts';

/** What a form's texts mean. A form knows neither numbers nor arrays, and clients write these in several ways. */
export interface FormShape {
  /** all names that there are */
  readonly known: readonly string[];
  /** `key[]`, or `key`, any number of times */
  readonly arrays: readonly string[];
  /** `key[part]`, or `key` with JSON or a word */
  readonly objects: readonly string[];
  readonly numbers: readonly string[];
  readonly booleans: readonly string[];
}

/**
 * The fields of a form as values, by their names without brackets.
 * @throws FloraAsrError `request_invalid` for a field that is unknown, given twice, or has brackets it should not have
 */
export function formValues(fields: readonly FormField[], shape: FormShape): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const { name, value } of fields) {
    const { key, part } = splitName(name, shape);
    if (shape.arrays.includes(key)) {
      requireOneForm(part === null || part === '', name);
      const before = (values.get(key) ?? []) as unknown[];
      values.set(key, value === '' ? before : [...before, value]); // a form writes an empty list as an empty text
    } else if (shape.objects.includes(key) && part !== null && part !== '') {
      const parts = values.get(key) ?? {};
      requireOneForm(isRecord(parts) && !Object.hasOwn(parts, part), name);
      values.set(key, { ...(parts as object), [part]: numberIn(value) });
    } else {
      requireOneForm(part === null && !values.has(key), name);
      values.set(key, shape.objects.includes(key) ? jsonIn(value) : scalarIn(key, value, shape));
    }
  }
  return Object.fromEntries(values);
}

/** @throws FloraAsrError `request_invalid` if there is no such field */
function splitName(name: string, { known }: FormShape): { readonly key: string; readonly part: string | null } {
  const [, key = name, part = null] = /^([^[\]]+)(?:\[([^[\]]*)\])?$/.exec(name) ?? [];
  if (known.includes(key)) return { key, part };
  const given = name.slice(0, 100);
  throw new FloraAsrError('request_invalid', `There is no field "${given}"; there are ${known.join(', ')}.`, { param: given });
}

function requireOneForm(condition: boolean, name: string): void {
  if (condition) return;
  throw new FloraAsrError('request_invalid', `The field "${name}" is given twice, or in two forms.`, { param: name });
}

function scalarIn(key: string, value: string, { numbers, booleans }: FormShape): unknown {
  if (numbers.includes(key)) return numberIn(value);
  if (!booleans.includes(key)) return value;
  return { true: true, false: false }[value.toLowerCase()] ?? value;
}

/** Text that is no number stays what it is, for the schema to refuse. */
function numberIn(value: string): unknown {
  return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);
}

function jsonIn(value: string): unknown {
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) || typeof parsed === 'string' ? parsed : value;
  } catch {
    return value; // a word
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
