import { FloraAsrError } from '../../kernels/errors.ts';
import { type ClientMessage, clientMessageSchema } from './messages.ts';

/**
 * @param channels of the stream
 * @throws FloraAsrError `message_invalid`, with what would be right
 */
export function parseClientMessage(text: string, channels: number): ClientMessage {
  const value = jsonOf(text);
  const parsed = clientMessageSchema.safeParse(value);
  if (parsed.success) return requireChannel(parsed.data, channels);
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

function requireChannel(message: ClientMessage, channels: number): ClientMessage {
  if (message.type !== 'Finalize' || (message.channel ?? 0) < channels) return message;
  const wrong = `channel must be less than ${channels}, as many as there are; ${message.channel} is not.`;
  throw new FloraAsrError('message_invalid', wrong, { param: 'channel' });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FloraAsrError('message_invalid', 'A text message must be JSON; audio goes into binary messages.', { cause });
  }
}
