import type { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';

/** Values of a form, by name, before they are checked. */
export type FormValues = Readonly<Record<string, unknown>>;

/** @throws FloraAsrError `parameter_unsupported` for the first of these fields that is there */
export function refuseFields(values: FormValues, fields: readonly string[], why: (field: string) => string): void {
  const given = fields.find((field) => values[field] !== undefined);
  if (given !== undefined) throw new FloraAsrError('parameter_unsupported', why(given), { param: given });
}

/** @throws FloraAsrError `unsupported_response_format` */
export function requireFormat(format: unknown, formats: readonly string[]): void {
  if (format === undefined || formats.some((known) => known === format)) return;
  throw unsupportedFormat(`response_format ${quoted(format)} is not supported; there are ${formats.join(', ')}.`);
}

export function unsupportedFormat(message: string): FloraAsrError {
  return new FloraAsrError('unsupported_response_format', message, { param: 'response_format' });
}

/** A language, or languages to find it among. @throws FloraAsrError `request_invalid` */
export function requireOneLanguage({ language, languages }: FormValues): void {
  if (isEmpty(languages) || language === undefined || language === '') return;
  throw invalid('language says what is spoken, and languages[] among what to find it; leave one of them out.', 'languages');
}

export function invalid(message: string, param: string): FloraAsrError {
  return new FloraAsrError('request_invalid', message, { param });
}

/** @throws FloraAsrError `request_invalid` with everything that is wrong, and the first field */
export function parseFields<Schema extends z.ZodType>(schema: Schema, values: FormValues): z.output<Schema> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const param = String(issues[0]?.path[0] ?? '');
  const message = issues.map(({ path, message: wrong }) => `${path.join('.')}: ${wrong}`).join('; ');
  throw new FloraAsrError('request_invalid', `${message}.`, param === '' ? {} : { param });
}

/** A list that is not there, or has nothing in it. */
export function isEmpty(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}

function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}
