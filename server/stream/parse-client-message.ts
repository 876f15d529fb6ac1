import type { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import {
  type ClientMessage,
  finishSchema,
  flushSchema,
  languageSchema,
  resumeSchema,
  startSchema,
} from '../protocol/stream-messages.ts';
import { describeIssue } from './describe-issue.ts';

const SCHEMAS: Readonly<Record<string, z.ZodType<ClientMessage>>> = {
  start: startSchema,
  flush: flushSchema,
  language: languageSchema,
  finish: finishSchema,
  resume: resumeSchema,
};

const TYPES = Object.keys(SCHEMAS)
  .map((type) => `"${type}"`)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

/** @throws FloraAsrError `message_invalid`, with the field that is wrong, and what would be right */
export function parseClientMessage(text: string): ClientMessage {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FloraAsrError('message_invalid', 'A text message must be a JSON object, such as {"type":"finish"}.');
  }
  const { type } = value as { readonly type?: unknown };
  const schema = typeof type === 'string' && Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type] : undefined;
  if (schema === undefined) {
    const given = type === undefined ? 'it is missing' : `not ${JSON.stringify(type).slice(0, 60)}`;
    throw new FloraAsrError('message_invalid', `type must be ${TYPES}; ${given}.`, { param: 'type' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, param } = describeIssue(parsed.error.issues, value);
  throw new FloraAsrError('message_invalid', message, { param });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FloraAsrError('message_invalid', 'A text message must be JSON; samples go into binary messages.', { cause });
  }
}
