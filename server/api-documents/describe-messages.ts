import type { z } from 'zod';
import {
  clientMessageSchema,
  HIGHEST_SAMPLE_RATE_HZ,
  LOWEST_SAMPLE_RATE_HZ,
  serverMessageSchema,
} from '../protocol/stream-messages.ts';
import { type JsonSchema, payloadSchema } from './json-schemas.ts';
import { clientExamples, type MessageExample, serverExamples } from './stream-examples.ts';

/** A message, as AsyncAPI describes one. */
export interface DocumentedMessage {
  readonly from: 'client' | 'server';
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly payload: JsonSchema;
  readonly examples: readonly MessageExample<unknown>[];
}

/** All messages, in the order in which a stream has them. */
export function streamMessages(): readonly DocumentedMessage[] {
  const [start, ...others] = clientMessageSchema.options.map((schema) =>
    jsonMessage('client', schema, clientExamples[typeOf(schema)]),
  );
  const answers = serverMessageSchema.options.map((schema) => {
    const message = jsonMessage('server', schema, serverExamples[typeOf(schema)]);
    // its answer has the same type
    return message.name === 'language' ? { ...message, name: 'language_answer' } : message;
  });
  return [...(start === undefined ? [] : [start]), AUDIO, ...others, ...answers];
}

interface MessageSchema<Type extends string> extends z.ZodType {
  readonly shape: { readonly type: z.ZodLiteral<Type> };
}

function typeOf<Type extends string>({ shape }: MessageSchema<Type>): Type {
  return shape.type.value;
}

function jsonMessage<Type extends string>(
  from: DocumentedMessage['from'],
  schema: MessageSchema<Type>,
  examples: readonly MessageExample<unknown>[],
): DocumentedMessage {
  const { description = '', ...payload } = payloadSchema(schema, from === 'client' ? 'input' : 'output');
  const name = typeOf(schema);
  return { from, name, title: name, summary: `${description}`, contentType: 'application/json', payload, examples };
}

const AUDIO: DocumentedMessage = {
  from: 'client',
  name: 'audio',
  title: 'audio (a binary frame)',
  summary:
    'Samples, packed as `start` said; little-endian, channels interleaved. A frame has any number of samples of all ' +
    'channels, and none may be cut in two.',
  contentType: 'application/octet-stream',
  payload: {
    type: 'string',
    format: 'binary',
    description:
      `pcm_s16le: 2 bytes a sample; pcm_f32le: 4, from -1 to 1; mulaw and alaw (G.711): 1. At ${LOWEST_SAMPLE_RATE_HZ} to ` +
      `${HIGHEST_SAMPLE_RATE_HZ} Hz; 20 to 200 ms a frame are usual.`,
  },
  examples: [],
};
