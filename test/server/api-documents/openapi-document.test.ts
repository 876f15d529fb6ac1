import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createDocsRouter } from '../../../server/api-documents/docs-router.ts';
import type { JsonSchema } from '../../../server/api-documents/json-schemas.ts';
import { openapiDocument } from '../../../server/api-documents/openapi-document.ts';
import { createHttpApp } from '../../../server/http/create-http-app.ts';
import {
  diarizedTranscriptionSchema,
  transcriptionEventSchema,
  transcriptionSchema,
  verboseTranscriptionSchema,
} from '../../../server/protocol/audio-answers.ts';
import { transcriptionRequestSchema, translationRequestSchema } from '../../../server/protocol/audio-requests.ts';
import {
  errorBodySchema,
  livenessSchema,
  liveSchema,
  modelListSchema,
  modelSchema,
  readinessSchema,
} from '../../../server/protocol/rest-messages.ts';
import { createPageRouter } from '../../../server/web/page-router.ts';
import { createTestService } from '../../support/test-service.ts';

/** As programs get it. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}
interface Content {
  readonly schema: { readonly $ref?: string; readonly oneOf?: readonly { readonly $ref: string }[] };
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

const document = JSON.parse(JSON.stringify(openapiDocument())) as Document;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Transcription: transcriptionSchema,
  VerboseTranscription: verboseTranscriptionSchema,
  DiarizedTranscription: diarizedTranscriptionSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  Live: liveSchema,
  Liveness: livenessSchema,
  Readiness: readinessSchema,
  Error: errorBodySchema,
};

describe('the OpenAPI document', () => {
  it('is valid under the schema of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('is refused by that schema when it is wrong', async () => {
    const { openapi: _left, ...without } = openapiDocument();
    expect((await new Validator().validate(without)).valid).toBe(false);
    const wrong = { ...structuredClone(document), paths: { 'no-slash': { get: { responses: 3 } } } };
    expect((await new Validator().validate(wrong)).valid).toBe(false);
  });

  it('has every route of the service, with its method, and no other', () => {
    const app = createHttpApp(createTestService(), { routes: [createPageRouter('no-such-folder'), createDocsRouter()] });
    const served = routesOf(app.router.stack as unknown as readonly Layer[]);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(served.length).toBeGreaterThan(8);
    expect(described.sort()).toEqual(served.sort());
  });

  it('has answers that are as the schemas in the code have them', () => {
    const checked = operations.flatMap(({ operationId, responses }) =>
      Object.values(responses).flatMap(({ content }) => {
        const json = content?.['application/json'];
        if (json === undefined) return [];
        const names = [json.schema, ...(json.schema.oneOf ?? [])].flatMap(({ $ref }) =>
          $ref === undefined ? [] : [nameIn($ref)],
        );
        const examples = [json.example, ...Object.values(json.examples ?? {}).map(({ value }) => value)].filter(
          (e) => e !== undefined,
        );
        for (const example of examples) {
          expect(
            names.some((name) => SCHEMAS[name]?.safeParse(example).success),
            `${operationId}: ${JSON.stringify(example)}`,
          ).toBe(true);
        }
        return examples;
      }),
    );
    expect(checked.length).toBeGreaterThan(6);
  });

  it('has events that are as the schema in the code has them', () => {
    const streams = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ content }) => content?.['text/event-stream'] ?? []),
    );
    expect(streams).toHaveLength(1);
    const data = [...`${streams[0]?.example}`.matchAll(/^data: (.+)$/gm)].map(([, event = '']) => event);
    expect(data.pop()).toBe('[DONE]');
    expect(data.length).toBeGreaterThan(1);
    for (const event of data) expect(transcriptionEventSchema.safeParse(JSON.parse(event)).error).toBeUndefined();
  });

  it.each([
    ['TranscriptionRequest', transcriptionRequestSchema],
    ['TranslationRequest', translationRequestSchema],
  ])('begins the form of a %s with values that make a request', (name, schema) => {
    const form = document.components.schemas[name] as JsonSchema;
    const samples = Object.entries(form.properties ?? {}).flatMap(([field, property]) => {
      const [sample] = (property['examples'] ?? []) as readonly unknown[];
      const left = Array.isArray(sample) && sample.length === 0;
      return sample === undefined || left ? [] : [[field, sample] as const];
    });
    expect(samples.map(([field]) => field)).toEqual(expect.arrayContaining(['language', 'model', 'adapter']));
    const parsed = schema.omit({ file: true }).safeParse(Object.fromEntries(samples));
    expect(parsed.error).toBeUndefined();
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, reference = '']) => reference);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) expect(at(document, reference), reference).toBeDefined();
  });

  it('names every operation once', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** `get /v1/models/{id}`; routers that were mounted without a path, as here, add none. */
function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return handle.stack === undefined ? [] : routesOf(handle.stack);
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    return Object.keys(route.methods)
      .filter((method) => method !== '_all')
      .map((method) => `${method} ${path}`);
  });
}

function nameIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function at(root: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], root);
}
