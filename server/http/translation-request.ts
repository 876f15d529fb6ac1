import { REFUSED_FIELDS, TRANSLATION_FORMATS, translationRequestSchema } from '../protocol/audio-requests.ts';
import { type AudioRequest, endpointingOf, languageOf } from './audio-request.ts';
import { parseFields, refuseFields, requireFormat, requireOneLanguage } from './form-refusals.ts';
import { type FormShape, formValues } from './form-values.ts';
import type { FormField } from './read-upload.ts';

const fieldsSchema = translationRequestSchema.omit({ file: true });

/** What transcriptions have, and translations have not. */
const FOR_TRANSCRIPTIONS = ['include', 'keywords', 'stream', 'timestamp_granularities'] as const;
const REFUSED: readonly string[] = [...FOR_TRANSCRIPTIONS, ...REFUSED_FIELDS];

const SHAPE: FormShape = {
  known: [...Object.keys(translationRequestSchema.shape), ...REFUSED],
  arrays: ['languages', ...REFUSED],
  objects: ['chunking_strategy'],
  numbers: ['temperature'],
  booleans: [],
};

/** @throws FloraAsrError `request_invalid`, `parameter_unsupported`, `unsupported_response_format` */
export function parseTranslationRequest(fields: readonly FormField[]): AudioRequest {
  const values = formValues(fields, SHAPE);
  refuseFields(values, REFUSED, (field) => `${field} is not supported for translations; leave it out.`);
  requireFormat(values['response_format'], TRANSLATION_FORMATS);
  requireOneLanguage(values);
  const asked = parseFields(fieldsSchema, values);
  return {
    task: 'translate',
    format: asked.response_format,
    stream: false,
    times: { words: false, segments: true },
    logProbs: false,
    channels: asked.channels ?? 'mix',
    endpointing: endpointingOf(asked.chunking_strategy),
    model: asked.model,
    adapter: asked.adapter,
    language: languageOf(asked),
    prompt: asked.prompt ?? '',
    hotWords: [],
    temperature: asked.temperature,
  };
}
