/**
 * The one base error. `code` is stable and part of the public interface: programs decide by it,
 * never by the message. The message is for people: what was wrong, where, and what would be right.
 */
export class FloraAsrError extends Error {
  readonly code: ErrorCode;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FloraAsrError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}

export type ErrorCode =
  // what the caller sent
  | 'argument_invalid'
  | 'file_not_found'
  | 'language_unknown'
  | 'audio_unreadable'
  | 'audio_empty'
  | 'audio_truncated'
  | 'audio_too_large'
  | 'audio_too_long'
  | 'audio_not_finite'
  // adapters
  | 'adapter_not_found'
  | 'adapter_invalid'
  | 'adapter_incompatible'
  | 'adapter_exists'
  | 'adapter_ambiguous'
  | 'adapter_bank_full'
  // weights and what lies on this machine
  | 'weights_not_found'
  | 'weights_corrupt'
  | 'weights_unsupported'
  | 'download_failed'
  | 'cache_unwritable'
  | 'ffmpeg_missing'
  | 'ffmpeg_timeout'
  | 'provider_unavailable'
  // speech data and other programs, for commands and benches
  | 'corpus_not_found'
  | 'tool_missing'
  | 'tool_failed'
  // graphs: a bug of ours, found before it runs
  | 'graph_invalid'
  | 'shape_mismatch'
  // the engine
  | 'queue_full'
  | 'cancelled'
  | 'engine_closed'
  | 'engine_failed';

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['queue_full', 'download_failed', 'engine_failed', 'ffmpeg_timeout']);
