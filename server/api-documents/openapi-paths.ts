import type { ErrorCode } from '../../kernels/errors.ts';
import { answer, failures, requestIdHeader, schemaOf } from './openapi-answers.ts';
import {
  liveExample,
  modelExample,
  modelListExample,
  readyExample,
  startingExample,
  transcriptionExample,
  verboseTranscriptionExample,
} from './rest-examples.ts';

/** What the service answers at, by path and method. */
export function openapiPaths() {
  return {
    '/v1/audio/transcriptions': { post: transcribe() },
    '/v1/models': { get: listModels() },
    '/v1/models/{id}': { get: findModel() },
    '/v1/models/{id}/card': { get: modelCard() },
    '/v1/live': { get: liveBatch() },
    '/health/live': { get: live() },
    '/health/ready': { get: ready() },
    '/metrics': { get: metrics() },
    ...pagePaths(),
    ...documentationPaths(),
  };
}

const ANY_REQUEST: readonly ErrorCode[] = ['key_missing', 'key_unknown', 'internal'];
const NEEDS_MODEL: readonly ErrorCode[] = [...ANY_REQUEST, 'starting', 'draining', 'engine_closed'];
const TRANSCRIPTION: readonly ErrorCode[] = [
  ...NEEDS_MODEL,
  'request_invalid',
  'language_missing',
  'language_unknown',
  'file_missing',
  'file_repeated',
  'parameter_unsupported',
  'response_format_unsupported',
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

function transcribe() {
  return {
    operationId: 'createTranscription',
    tags: ['transcription'],
    summary: 'The words of a recording',
    description: TRANSCRIBE,
    requestBody: {
      required: true,
      content: { 'multipart/form-data': { schema: schemaOf('TranscriptionRequest') } },
    },
    responses: {
      200: {
        description: 'The words',
        headers: requestIdHeader(),
        content: {
          'application/json': {
            schema: { oneOf: [schemaOf('Transcription'), schemaOf('VerboseTranscription')] },
            examples: {
              json: { summary: 'response_format=json', value: transcriptionExample },
              verbose_json: { summary: 'response_format=verbose_json', value: verboseTranscriptionExample },
            },
          },
          'text/plain': { schema: { type: 'string' }, example: transcriptionExample.text },
        },
      },
      ...failures(TRANSCRIPTION),
    },
  };
}

const TRANSCRIBE = `The recording is cut into utterances at pauses, and each is recognised with its own adapter.

    curl http://127.0.0.1:8080/v1/audio/transcriptions \\
      -H 'authorization: Bearer KEY' -F file=@recording.ogg -F language=es

Arrays may be sent as \`key[]\` or \`key\`, any number of times; \`chunking_strategy\` as JSON, or as \`chunking_strategy[type]\` and so on. The order of fields does not matter. Closing the connection cancels what was asked for.`;

function listModels() {
  return {
    operationId: 'listModels',
    tags: ['models'],
    summary: 'What is served',
    description: 'The base, the adapters for it, and other names that `model` may have.',
    responses: { 200: answer('What is served', 'ModelList', modelListExample), ...failures(NEEDS_MODEL) },
  };
}

function findModel() {
  return {
    operationId: 'retrieveModel',
    tags: ['models'],
    summary: 'What a name means',
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'whatever `model` may be; an adapter’s name without version means its highest version',
        schema: { type: 'string' },
        example: 'spanish-telephone',
      },
    ],
    responses: {
      200: answer('What it means', 'Model', modelExample),
      ...failures([...NEEDS_MODEL, 'model_not_found']),
    },
  };
}

function modelCard() {
  return {
    operationId: 'modelCard',
    tags: ['models'],
    summary: 'What an adapter was made of, and how well it hears',
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'an adapter’s name; without version, its highest version',
        schema: { type: 'string' },
        example: 'spanish-telephone',
      },
    ],
    responses: {
      200: {
        description: 'Its model card',
        headers: requestIdHeader(),
        content: { 'text/markdown': { schema: { type: 'string' }, example: '# spanish-telephone 1.2.0\n' } },
      },
      ...failures([...NEEDS_MODEL, 'model_not_found']),
    },
  };
}

function liveBatch() {
  return {
    operationId: 'liveBatch',
    tags: ['operation'],
    summary: 'The shared batch at this moment',
    description:
      'For people who look on, as the service’s page does; it may be asked a few times a second. Never text or audio.',
    responses: { 200: answer('The batch', 'Live', liveExample), ...failures(NEEDS_MODEL) },
  };
}

function live() {
  return {
    operationId: 'live',
    tags: ['operation'],
    summary: 'Whether the process runs',
    security: [],
    responses: { 200: answer('It does', 'Liveness', { status: 'live' }) },
  };
}

function ready() {
  return {
    operationId: 'ready',
    tags: ['operation'],
    summary: 'Whether it recognises',
    security: [],
    responses: {
      200: answer('It does', 'Readiness', readyExample),
      503: answer('It does not, or not yet, or not any more', 'Readiness', startingExample),
    },
  };
}

function metrics() {
  return {
    operationId: 'metrics',
    tags: ['operation'],
    summary: 'For Prometheus',
    description: 'docs/metrics.md lists what there is, and what to ask.',
    responses: {
      200: {
        description: 'Prometheus’ text format',
        headers: requestIdHeader(),
        content: { 'text/plain': { schema: { type: 'string' }, example: 'flora_asr_streams_open 3\n' } },
      },
      ...failures(ANY_REQUEST),
    },
  };
}

/** A page, or a document that belongs to one. */
function page(operationId: string, summary: string, type = 'text/html') {
  return {
    operationId,
    tags: ['documentation'],
    summary,
    security: [],
    responses: {
      200: { description: summary, content: { [type]: { schema: { type: type.endsWith('json') ? 'object' : 'string' } } } },
    },
  };
}

function pagePaths() {
  const part = (operationId: string, summary: string, example: string) => {
    const { responses, ...rest } = page(operationId, summary, 'application/octet-stream');
    const name = { name: 'name', in: 'path', required: true, schema: { type: 'string' }, example };
    return { get: { ...rest, parameters: [name], responses: { ...responses, ...failures(['route_not_found']) } } };
  };
  return {
    '/': { get: page('webPage', 'The page: live captions in a browser') },
    '/assets/{name}': part('webPageAsset', 'Scripts, styles and typefaces of the page', 'index.js'),
    '/samples/{name}': part('webPageSample', 'Recordings to try the page with', 'COPYING'),
  };
}

function documentationPaths() {
  const asset = page('docsAsset', 'Scripts and styles of these pages', 'application/octet-stream');
  const name = { name: 'name', in: 'path', required: true, schema: { type: 'string' }, example: 'docs.css' };
  return {
    '/docs': { get: page('docs', 'Where to begin') },
    '/docs/rest/': { get: page('restDocs', 'This document, to read and to try') },
    '/docs/stream/': { get: page('streamDocs', 'The WebSocket interface, to read') },
    '/docs/openapi.json': { get: page('openapiDocument', 'This document', 'application/json') },
    '/docs/asyncapi.json': { get: page('asyncapiDocument', 'The WebSocket interface, as AsyncAPI', 'application/json') },
    '/docs/assets/{name}': {
      get: { ...asset, parameters: [name], responses: { ...asset.responses, ...failures(['route_not_found']) } },
    },
  };
}
