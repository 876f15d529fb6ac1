import { FloraAsrError } from '../../kernels/errors.ts';
import { type ClientMessage, clientMessageSchema } from './messages.ts';

/** @throws FloraAsrError `message_invalid`, with what would be right */
export function parseClientMessage(text: string): ClientMessage {
  const value = jsonOf(text);
  const parsed = clientMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (path === '' || path === 'type') {
    const types = clientMessageSchema.options.map(({ shape }) => shape.type.value).join(', ');
    throw new FloraAsrError('message_invalid', `A text message is a JSON object whose type is one of ${types}.`, {
      param: 'type',
    });
  }
  throw new FloraAsrError('message_invalid', `${path} is wrong: ${issue?.message ?? 'not valid'}.`, { param: path });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FloraAsrError('message_invalid', 'A text message must be JSON; audio goes into binary messages.', { cause });
  }
}
