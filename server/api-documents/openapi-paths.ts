import { ANY_REQUEST, answer, failures, NEEDS_MODEL, requestIdHeader } from './openapi-answers.ts';
import { audioPaths } from './openapi-audio-paths.ts';
import { liveExample, modelExample, modelListExample, readyExample, startingExample } from './rest-examples.ts';

/** What the service answers at, by path and method. */
export function openapiPaths() {
  return {
    ...audioPaths(),
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
