import specifications from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { asyncapiDocument } from '../../../server/api-documents/asyncapi-document.ts';
import { CLOSE_CODES, clientMessageSchema, serverMessageSchema } from '../../../server/protocol/stream-messages.ts';

const document = asyncapiDocument();
const messages = Object.values(document.components.messages);
const CLIENT_TYPES = clientMessageSchema.options.map(({ shape }) => shape.type.value);
const SERVER_TYPES = serverMessageSchema.options.map(({ shape }) => shape.type.value);
/** A message and its answer may have one type; here each has a name of its own. */
const SERVER_NAMES = SERVER_TYPES.map((type) => (CLIENT_TYPES.some((other) => other === type) ? `${type}_answer` : type));

function validator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(specifications.schemasWithoutId['3.0.0'] as object);
}

describe('the AsyncAPI document', () => {
  it('is valid under the schema of AsyncAPI 3.0', () => {
    const isValid = validator();
    isValid(JSON.parse(JSON.stringify(document)));
    expect(isValid.errors).toBeNull();
  });

  it('is refused by that schema when it is wrong', () => {
    const isValid = validator();
    expect(isValid({ ...document, channels: { stream: { address: 3 } } })).toBe(false);
    expect(isValid({ ...document, asyncapi: '2.6.0' })).toBe(false);
  });

  it('has every message of the protocol, and binary audio', () => {
    const names = (operation: { readonly messages: readonly { readonly $ref: string }[] }) =>
      operation.messages.map(({ $ref }) => $ref.slice($ref.lastIndexOf('/') + 1)).sort();
    expect(names(document.operations.fromClient)).toEqual([...CLIENT_TYPES, 'audio'].sort());
    expect(names(document.operations.toClient)).toEqual([...SERVER_NAMES].sort());
    expect(Object.keys(document.components.messages).sort()).toEqual([...CLIENT_TYPES, ...SERVER_NAMES, 'audio'].sort());
  });

  it('has examples for every message, and they are messages', () => {
    const json = messages.filter(({ contentType }) => contentType === 'application/json');
    expect(json).toHaveLength(CLIENT_TYPES.length + SERVER_TYPES.length);
    for (const { name, examples } of json) {
      expect(examples.length, name).toBeGreaterThan(0);
      for (const { payload } of examples) {
        expect(payload).toHaveProperty('type', name.replace(/_answer$/, ''));
        const schema = CLIENT_TYPES.some((type) => type === name) ? clientMessageSchema : serverMessageSchema;
        expect(schema.safeParse(payload).error, name).toBeUndefined();
      }
    }
  });

  it('has payloads that take the examples, and refuse a field too many', () => {
    const ajv = new Ajv({ formats: { binary: true } });
    for (const { name, payload, examples } of messages) {
      const isValid = ajv.compile(payload);
      for (const example of examples) {
        expect(isValid(example.payload), name).toBe(true);
        expect(isValid({ ...(example.payload as object), surplus: 1 }), name).toBe(false);
      }
    }
  });

  it('lets a client leave out what has a default, and always has it in what the service sends', () => {
    const { start, ready } = document.components.messages;
    expect(start?.payload.required).not.toContain('channels');
    expect(ready?.payload.required).toContain('channels');
  });

  it('has every close code, with what it means', () => {
    const codes = document['x-close-codes'];
    expect(codes).toHaveLength(Object.values(CLOSE_CODES).length);
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(Object.values(CLOSE_CODES)));
    for (const { meaning } of codes) expect(meaning).toMatch(/\.$/);
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, reference = '']) => reference);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) expect(at(document, reference), reference).toBeDefined();
  });
});

function at(root: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], root);
}
