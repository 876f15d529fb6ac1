import type { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeIssue } from '../stream/describe-issue.ts';
import {
  appendSchema,
  type ClientEvent,
  clearSchema,
  commitSchema,
  legacyUpdateSchema,
  sessionUpdateSchema,
} from './client-events.ts';

/** An event that is understood, or what is wrong with it; and its own id, as far as it has one. */
export type ReadEvent =
  | { readonly eventId: string | null; readonly event: ClientEvent }
  | { readonly eventId: string | null; readonly error: FloraAsrError };

const SCHEMAS: Readonly<Record<string, z.ZodType<ClientEvent>>> = {
  'session.update': sessionUpdateSchema,
  'transcription_session.update': legacyUpdateSchema,
  'input_audio_buffer.append': appendSchema,
  'input_audio_buffer.commit': commitSchema,
  'input_audio_buffer.clear': clearSchema,
};

const LONGEST_EVENT_ID = 512;

export function readClientEvent(data: Buffer, isBinary: boolean): ReadEvent {
  if (isBinary) {
    const asText = 'Events are JSON in text messages; audio comes as base64 in input_audio_buffer.append.';
    return { eventId: null, error: new FloraAsrError('message_invalid', asText) };
  }
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (cause) {
    return { eventId: null, error: new FloraAsrError('message_invalid', 'An event must be JSON.', { cause }) };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { eventId: null, error: new FloraAsrError('message_invalid', 'An event must be a JSON object.') };
  }
  const eventId = eventIdOf(value);
  try {
    return { eventId, event: parse(value) };
  } catch (error) {
    if (!(error instanceof FloraAsrError)) throw error;
    return { eventId, error };
  }
}

/** @throws FloraAsrError `message_invalid`, `parameter_unsupported` */
function parse(value: object): ClientEvent {
  const { type } = value as { readonly type?: unknown };
  const schema = typeof type === 'string' && Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type] : undefined;
  if (schema === undefined) {
    const given = type === undefined ? 'it is missing' : `not ${JSON.stringify(type).slice(0, 60)}`;
    const known = Object.keys(SCHEMAS).join(', ');
    throw new FloraAsrError('message_invalid', `type must be one of ${known}; ${given}.`, { param: 'type' });
  }
  requireTranscription(value);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, param } = describeIssue(parsed.error.issues, value);
  throw new FloraAsrError('message_invalid', message, { param });
}

/** Said before anything else: what a conversation asks for would be refused field by field. */
function requireTranscription(value: object): void {
  const { session } = value as { readonly session?: unknown };
  if (typeof session !== 'object' || session === null || !('type' in session) || session.type !== 'realtime') return;
  const only = 'session.type must be "transcription": speech is transcribed here, and nobody answers it.';
  throw new FloraAsrError('parameter_unsupported', only, { param: 'session.type' });
}

function eventIdOf(value: object): string | null {
  const { event_id: id } = value as { readonly event_id?: unknown };
  return typeof id === 'string' ? id.slice(0, LONGEST_EVENT_ID) : null;
}
