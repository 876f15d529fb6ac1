import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';

/** An error on its way between threads, where classes are lost. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
}

export function plainError(error: unknown): PlainError {
  if (error instanceof FloraAsrError) return { code: error.code, message: error.message };
  return { code: 'engine_failed', message: error instanceof Error ? error.message : String(error) };
}

export function fromPlainError({ code, message }: PlainError): FloraAsrError {
  return new FloraAsrError(code, message);
}
