import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import type { AudioRequest } from './audio-request.ts';

/** What recognition refuses, by the field of the form that is wrong. */
const FIELDS: Partial<Record<ErrorCode, string>> = {
  audio_unreadable: 'file',
  audio_empty: 'file',
  audio_truncated: 'file',
  audio_too_large: 'file',
  audio_too_long: 'file',
  audio_not_finite: 'file',
  adapter_not_found: 'adapter',
  adapter_ambiguous: 'adapter',
};

/** The same error, with the field that it is about. */
export function namingField(error: unknown, { language }: Pick<AudioRequest, 'language'>): unknown {
  if (!(error instanceof FloraAsrError) || error.param !== null) return error;
  const ofLanguage = typeof language === 'string' ? 'language' : 'languages';
  const param = error.code === 'language_unknown' ? ofLanguage : FIELDS[error.code];
  if (param === undefined) return error;
  const { code, message, retryAfterMs } = error;
  return new FloraAsrError(code, message, { cause: error, param, ...(retryAfterMs !== null && { retryAfterMs }) });
}
