import type { ErrorCode } from '../../kernels/errors.ts';
import {
  diarizedTranscriptionExample,
  eventExamples,
  srtExample,
  transcriptionExample,
  translationExample,
  verboseTranscriptionExample,
  verboseTranslationExample,
  vttExample,
} from './audio-examples.ts';
import { failures, NEEDS_MODEL, requestIdHeader, schemaOf } from './openapi-answers.ts';

/** What takes recordings. */
export function audioPaths() {
  return {
    '/v1/audio/transcriptions': { post: transcribe() },
    '/v1/audio/translations': { post: translate() },
  };
}

const RECORDING: readonly ErrorCode[] = [
  ...NEEDS_MODEL,
  'request_invalid',
  'language_unknown',
  'file_missing',
  'file_repeated',
  'parameter_unsupported',
  'unsupported_response_format',
  'audio_unreadable',
  'audio_empty',
  'audio_truncated',
  'audio_not_finite',
  'origin_forbidden',
  'model_not_found',
  'adapter_not_found',
  'adapter_ambiguous',
  'upload_timeout',
  'upload_too_large',
  'audio_too_large',
  'audio_too_long',
  'media_type_unsupported',
  'rate_limited',
  'too_many_requests',
  'queue_full',
  'engine_failed',
  'ffmpeg_missing',
  'ffmpeg_timeout',
];

const SUBTITLES = {
  'application/x-subrip': { schema: { type: 'string' }, example: srtExample },
  'text/vtt': { schema: { type: 'string' }, example: vttExample },
};

function transcribe() {
  return {
    operationId: 'createTranscription',
    tags: ['transcription'],
    summary: 'The words of a recording',
    description: TRANSCRIBE,
    requestBody: formOf('TranscriptionRequest'),
    responses: {
      200: {
        description: 'The words, in the form that response_format names; as events, with stream=true',
        headers: requestIdHeader(),
        content: {
          'application/json': {
            schema: {
              oneOf: [schemaOf('Transcription'), schemaOf('VerboseTranscription'), schemaOf('DiarizedTranscription')],
            },
            examples: {
              json: { summary: 'response_format=json', value: transcriptionExample },
              verbose_json: {
                summary: 'response_format=verbose_json, with both kinds of times',
                value: verboseTranscriptionExample,
              },
              diarized_json: { summary: 'response_format=diarized_json', value: diarizedTranscriptionExample },
            },
          },
          'text/plain': { schema: { type: 'string' }, example: transcriptionExample.text },
          ...SUBTITLES,
          'text/event-stream': { schema: schemaOf('TranscriptionEvent'), example: eventStream() },
        },
      },
      ...failures(RECORDING),
    },
  };
}

const TRANSCRIBE = `The recording is cut into utterances at pauses, and each is recognised with its own adapter.

    curl http://127.0.0.1:8080/v1/audio/transcriptions \\
      -H 'authorization: Bearer KEY' -F file=@recording.ogg -F language=es

Subtitles, and words as soon as they are there:

    curl http://127.0.0.1:8080/v1/audio/transcriptions \\
      -H 'authorization: Bearer KEY' -F file=@recording.ogg -F language=es -F response_format=srt

    curl -N http://127.0.0.1:8080/v1/audio/transcriptions \\
      -H 'authorization: Bearer KEY' -F file=@recording.ogg -F language=es -F stream=true

Arrays may be sent as \`key[]\` or \`key\`, any number of times; \`chunking_strategy\` as JSON, or as \`chunking_strategy[type]\` and so on. The order of fields does not matter. Closing the connection cancels what was asked for.

Without \`language\`, it is found by listening, among the languages that have an adapter, and English (\`DETECT_LANGUAGES\`); whoever knows it should say it. docs/protocols.md has a table of all fields of OpenAI's API.`;

function translate() {
  return {
    operationId: 'createTranslation',
    tags: ['transcription'],
    summary: 'The words of a recording, in English',
    description: TRANSLATE,
    requestBody: formOf('TranslationRequest'),
    responses: {
      200: {
        description: 'The words, in English, in the form that response_format names',
        headers: requestIdHeader(),
        content: {
          'application/json': {
            schema: { oneOf: [schemaOf('Transcription'), schemaOf('VerboseTranscription')] },
            examples: {
              json: { summary: 'response_format=json', value: translationExample },
              verbose_json: { summary: 'response_format=verbose_json', value: verboseTranslationExample },
            },
          },
          'text/plain': { schema: { type: 'string' }, example: translationExample.text },
          ...SUBTITLES,
        },
      },
      ...failures(RECORDING),
    },
  };
}

const TRANSLATE = `Whisper translates into English only, utterance by utterance, and the base model does it, unless an adapter is named: adapters learn to transcribe.

    curl http://127.0.0.1:8080/v1/audio/translations \\
      -H 'authorization: Bearer KEY' -F file=@recording.ogg -F language=es

\`language\` is the one that is spoken; OpenAI's API has no such field, and it may be left out as there.`;

function formOf(schema: string) {
  return { required: true, content: { 'multipart/form-data': { schema: schemaOf(schema) } } };
}

function eventStream(): string {
  return [...eventExamples.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
}
