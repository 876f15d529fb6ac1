import { ownVersion } from '../observability/own-version.ts';
import {
  diarizedSegmentSchema,
  diarizedTranscriptionSchema,
  logProbSchema,
  segmentSchema,
  transcriptionEventSchema,
  transcriptionSchema,
  usageSchema,
  verboseTranscriptionSchema,
  wordSchema,
} from '../protocol/audio-answers.ts';
import { transcriptionRequestSchema, translationRequestSchema } from '../protocol/audio-requests.ts';
import {
  errorBodySchema,
  livenessSchema,
  liveSchema,
  modelListSchema,
  modelSchema,
  readinessSchema,
} from '../protocol/rest-messages.ts';
import { adapterDescriptionSchema } from '../protocol/stream-messages.ts';
import { codesOf } from './error-codes.ts';
import { componentSchemas, type JsonSchema } from './json-schemas.ts';
import { openapiPaths } from './openapi-paths.ts';

const ANSWERS = {
  Transcription: transcriptionSchema,
  VerboseTranscription: verboseTranscriptionSchema,
  DiarizedTranscription: diarizedTranscriptionSchema,
  TranscriptionEvent: transcriptionEventSchema,
  Segment: segmentSchema,
  DiarizedSegment: diarizedSegmentSchema,
  Word: wordSchema,
  LogProb: logProbSchema,
  Usage: usageSchema,
  Adapter: adapterDescriptionSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  Live: liveSchema,
  Liveness: livenessSchema,
  Readiness: readinessSchema,
  Error: errorBodySchema,
};

/** The REST interface, as OpenAPI 3.1 describes it. */
export function openapiDocument() {
  return {
    openapi: '3.1.1',
    info: {
      title: 'flora-asr',
      version: ownVersion(),
      summary: 'Multilingual speech recognition: files',
      description: description(),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'the service that this document came from' }],
    externalDocs: { description: 'Live audio goes over a WebSocket, which has a document of its own', url: '/docs/stream/' },
    tags: [
      { name: 'transcription', description: 'Words of recordings, in the forms of OpenAI’s API' },
      { name: 'models', description: 'What a request may name' },
      { name: 'operation', description: 'For orchestrators and Prometheus' },
      { name: 'documentation', description: 'These pages; no key is needed' },
    ],
    security: [{ bearer: [] }],
    paths: openapiPaths(),
    components: {
      schemas: {
        ...formSchemas(),
        ...componentSchemas(ANSWERS, 'output'),
      },
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'One of the service’s API keys. A service without keys takes any, and none.',
        },
      },
    },
  };
}

function formSchemas() {
  const forms = { TranscriptionRequest: transcriptionRequestSchema, TranslationRequest: translationRequestSchema };
  return Object.fromEntries(Object.entries(componentSchemas(forms, 'input')).map(([name, form]) => [name, withSamples(form)]));
}

/** What Swagger's form begins with: a request that is answered, where it would make up an adapter called `string`. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  language: 'es',
  model: '',
  adapter: 'auto',
  prompt: '',
  response_format: 'verbose_json',
  temperature: 0,
  timestamp_granularities: ['segment'], // it would send one, whatever is here
  include: [],
  languages: [],
  keywords: [],
};

function withSamples(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    name in SAMPLES ? { ...property, examples: [SAMPLES[name]] } : property,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as Readonly<Record<string, JsonSchema>> };
}

const HEADERS = {
  'x-request-id': {
    description: 'names the request in the log; the client’s own where it sent one of 1 to 64 letters, digits, dots and dashes',
    schema: { type: 'string' },
  },
  'retry-after': { description: 'seconds to wait, with 429 and 503', schema: { type: 'integer' } },
  'x-should-retry': {
    description: 'whether the same request may succeed later; OpenAI’s SDKs go by it',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
};

function description(): string {
  const rows = codesOf('rest').map(
    ({ code, status, retryable, meaning }) => `| \`${code}\` | ${status} | ${retryable ? 'yes' : ''} | ${meaning} |`,
  );
  return [
    'Recordings of any length and format to text, each utterance with its language’s adapter. Requests and answers have the',
    'forms of OpenAI’s API, so that its SDKs work with another base URL; what that API has beyond this is refused by name.',
    '',
    'Every answer has an `x-request-id`. What goes wrong has the body `{"error": {"message", "type", "param", "code"}}`;',
    '`code` is stable, and programs may decide by it.',
    '',
    '| code | status | may succeed later | |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}
