import type { ErrorBody } from '../../server/protocol/rest-messages.ts';
import { clientError, FloraAsrClientError } from './client-error.ts';

/** The error that an answer of REST tells. */
export async function answerError(answer: Response, address: URL): Promise<FloraAsrClientError> {
  const { status, headers } = answer;
  const error = errorOf(await answer.text().catch(() => ''));
  const retryable = status === 408 || status === 429 || status >= 500;
  if (error === null)
    return clientError('answer_invalid', `${address} answered ${status}, not as flora-asr does.`, { retryable });
  const retryAfterMs = 1000 * Number(headers.get('retry-after') ?? Number.NaN);
  return new FloraAsrClientError(error.code, error.message, {
    retryable,
    param: error.param,
    retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : null,
  });
}

/** Null for what a proxy, or another service, says. */
function errorOf(body: string): ErrorBody['error'] | null {
  try {
    const { error } = JSON.parse(body) as Partial<ErrorBody>;
    return typeof error?.code === 'string' ? error : null;
  } catch {
    return null;
  }
}
