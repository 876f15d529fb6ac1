import type { z } from 'zod';
import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import {
  REFUSED_FIELDS,
  RESPONSE_FORMATS,
  type TranscriptionRequest,
  transcriptionRequestSchema,
} from '../protocol/rest-messages.ts';
import { type FormShape, formValues } from './form-values.ts';
import type { FormField } from './read-upload.ts';

const fieldsSchema = transcriptionRequestSchema.omit({ file: true });

const SHAPE: FormShape = {
  known: [...Object.keys(transcriptionRequestSchema.shape), ...REFUSED_FIELDS],
  arrays: ['timestamp_granularities', ...REFUSED_FIELDS],
  objects: ['chunking_strategy'],
  numbers: ['temperature'],
  booleans: ['stream'],
};

/**
 * Checks the fields of a form. Nothing that is asked for is left out silently: it is honoured, or refused by name.
 * @throws FloraAsrError `request_invalid`, `language_missing`, `parameter_unsupported`, `response_format_unsupported`
 */
export function parseTranscriptionRequest(fields: readonly FormField[]): TranscriptionRequest {
  const values = formValues(fields, SHAPE);
  refuseUnsupported(values);
  if (values['language'] === undefined || values['language'] === '') {
    throw new FloraAsrError(
      'language_missing',
      'Say what is spoken in the field "language", as a BCP-47 tag such as "el" or "es-419"; it is not detected yet.',
      { param: 'language' },
    );
  }
  const parsed = fieldsSchema.safeParse(values);
  if (!parsed.success) throw notValid(parsed.error);
  if (parsed.data.timestamp_granularities !== undefined && parsed.data.response_format !== 'verbose_json') {
    throw new FloraAsrError('request_invalid', 'timestamp_granularities needs response_format=verbose_json.', {
      param: 'timestamp_granularities',
    });
  }
  return parsed.data;
}

/** As recognition takes it. */
export function endpointingOf(strategy: TranscriptionRequest['chunking_strategy']): Endpointing {
  if (strategy === 'auto') return DEFAULT_ENDPOINTING;
  if (strategy === 'none') return 'off';
  const { silence_duration_ms: silenceMs, prefix_padding_ms: prefixMs, threshold } = strategy;
  return { silenceMs, prefixMs, threshold };
}

/** Each with what it is told by; in the order they are looked at. */
function refuseUnsupported(values: Readonly<Record<string, unknown>>): void {
  const format = values['response_format'];
  if (format !== undefined && !RESPONSE_FORMATS.some((known) => known === format)) {
    const message = `response_format ${quoted(format)} is not supported; there are ${RESPONSE_FORMATS.join(', ')}.`;
    throw new FloraAsrError('response_format_unsupported', message, { param: 'response_format' });
  }
  for (const field of REFUSED_FIELDS) {
    if (values[field] !== undefined) throw unsupported(field, `${field} is not supported; leave it out.`);
  }
  const { prompt, temperature, stream, timestamp_granularities: granularities } = values;
  if (prompt !== undefined && prompt !== '') throw unsupported('prompt', 'prompt is not supported yet; leave it out.');
  if (stream === true) throw unsupported('stream', 'stream=true is not supported yet; leave it out, or use /v1/stream.');
  if (Array.isArray(granularities) && granularities.includes('word')) {
    throw unsupported('timestamp_granularities', 'Times of words are not supported yet; there is "segment".');
  }
  if (typeof temperature === 'number' && temperature > 0 && temperature <= 1) {
    throw unsupported('temperature', 'Only temperature 0 is supported: the words that are most probable.');
  }
}

function unsupported(param: string, message: string): FloraAsrError {
  return new FloraAsrError('parameter_unsupported', message, { param });
}

function notValid({ issues }: z.ZodError): FloraAsrError {
  const param = String(issues[0]?.path[0] ?? '');
  const message = issues.map(({ path, message: wrong }) => `${path.join('.')}: ${wrong}`).join('; ');
  return new FloraAsrError('request_invalid', `${message}.`, param === '' ? {} : { param });
}

function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}
