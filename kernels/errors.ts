/**
 * The one base error. `code` is stable and part of the public interface: programs decide by it,
 * never by the message. The message is for people: what was wrong, where, and what would be right.
 */
export class FloraAsrError extends Error {
  readonly code: ErrorCode;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** the field, parameter or setting that is wrong, where it is one */
  readonly param: string | null;
  /** how long to wait before it may succeed, where that is known */
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; param?: string; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FloraAsrError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
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
  // training
  | 'training_diverged'
  | 'checkpoint_invalid'
  | 'checkpoint_incompatible'
  | 'output_unwritable'
  // graphs: a bug of ours, found before it runs
  | 'graph_invalid'
  | 'shape_mismatch'
  // the engine
  | 'queue_full'
  | 'cancelled'
  | 'engine_closed'
  | 'engine_failed'
  // the service: what a client sent
  | 'request_invalid'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'media_type_unsupported'
  | 'file_missing'
  | 'file_repeated'
  | 'model_not_found'
  | 'parameter_unsupported'
  | 'unsupported_response_format'
  | 'upload_too_large'
  | 'upload_timeout'
  | 'message_invalid'
  | 'message_too_large'
  | 'start_missing'
  | 'start_repeated'
  | 'start_timeout'
  | 'audio_after_finish'
  | 'audio_malformed'
  | 'backlog_exceeded'
  | 'reader_too_slow'
  | 'stream_too_long'
  | 'stream_idle'
  | 'input_audio_buffer_commit_empty'
  | 'session_unknown'
  | 'session_outdated'
  | 'session_taken_over'
  // the service: who asks, and how often
  | 'key_missing'
  | 'key_unknown'
  | 'origin_forbidden'
  | 'rate_limited'
  | 'too_many_requests'
  | 'too_many_streams'
  // the service: its own state
  | 'configuration_invalid'
  | 'starting'
  | 'draining'
  | 'internal';

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'queue_full',
  'download_failed',
  'engine_failed',
  'ffmpeg_timeout',
  'upload_timeout',
  'rate_limited',
  'too_many_requests',
  'too_many_streams',
  'starting',
  'draining',
  'internal',
]);
