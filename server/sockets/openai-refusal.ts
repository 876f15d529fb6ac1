import type { ErrorDescription } from '../describe-error.ts';
import type { ErrorBody } from '../protocol/rest-messages.ts';
import type { RefusalAnswer } from './stream-protocol.ts';

/** A refused handshake in OpenAI's form, as REST has it too. */
export function describeOpenAiRefusal({ message, type, param, code }: ErrorDescription): RefusalAnswer {
  const body: ErrorBody = { error: { message, type, param, code } };
  return { body };
}
