import {
  REFUSED_FIELDS,
  RESPONSE_FORMATS,
  STREAMED_FORMATS,
  type TranscriptionRequest,
  transcriptionRequestSchema,
} from '../protocol/audio-requests.ts';
import { type AudioRequest, endpointingOf, languageOf } from './audio-request.ts';
import {
  invalid,
  isEmpty,
  parseFields,
  refuseFields,
  requireFormat,
  requireOneLanguage,
  unsupportedFormat,
} from './form-refusals.ts';
import { type FormShape, formValues } from './form-values.ts';
import type { FormField } from './read-upload.ts';

const fieldsSchema = transcriptionRequestSchema.omit({ file: true });

const SHAPE: FormShape = {
  known: [...Object.keys(transcriptionRequestSchema.shape), ...REFUSED_FIELDS],
  arrays: ['timestamp_granularities', 'include', 'languages', 'keywords', ...REFUSED_FIELDS],
  objects: ['chunking_strategy'],
  numbers: ['temperature'],
  booleans: ['stream'],
};

/** @throws FloraAsrError `request_invalid`, `parameter_unsupported`, `unsupported_response_format` */
export function parseTranscriptionRequest(fields: readonly FormField[]): AudioRequest {
  const values = formValues(fields, SHAPE);
  refuseFields(values, REFUSED_FIELDS, noSpeakers);
  requireFormat(values['response_format'], RESPONSE_FORMATS);
  requireOneLanguage(values);
  const asked = parseFields(fieldsSchema, values);
  requireFormatFor(asked);
  const { response_format: format, timestamp_granularities: granularities = [] } = asked;
  const words = granularities.includes('word');
  return {
    task: 'transcribe',
    format,
    stream: asked.stream,
    times: { words, segments: !words || granularities.includes('segment') },
    logProbs: asked.include?.includes('logprobs') ?? false,
    channels: format === 'diarized_json' ? 'apart' : (asked.channels ?? 'mix'),
    endpointing: endpointingOf(asked.chunking_strategy),
    model: asked.model,
    adapter: asked.adapter,
    language: languageOf(asked),
    prompt: asked.prompt ?? '',
    hotWords: asked.keywords ?? [],
    temperature: asked.temperature,
  };
}

/** @throws FloraAsrError `request_invalid`, `unsupported_response_format` for what the format has not got */
function requireFormatFor(asked: Omit<TranscriptionRequest, 'model'>): void {
  const { response_format: format, timestamp_granularities, include, channels, stream } = asked;
  if (!isEmpty(timestamp_granularities) && format !== 'verbose_json') {
    throw invalid('timestamp_granularities needs response_format=verbose_json.', 'timestamp_granularities');
  }
  if (!isEmpty(include) && format !== 'json') throw invalid('include[]=logprobs needs response_format=json.', 'include');
  if (channels === 'mix' && format === 'diarized_json') {
    throw invalid('diarized_json takes each channel for a speaker; leave channels out.', 'channels');
  }
  if (stream && !STREAMED_FORMATS.includes(format)) {
    throw unsupportedFormat(`stream=true gives ${STREAMED_FORMATS.join(', ')}, and not ${format}.`);
  }
}

function noSpeakers(field: string): string {
  return `${field} is not supported: speakers are told apart by their channels only (response_format=diarized_json).`;
}
