/** What the service answers wrongly asked clients with, or what keeps them from asking. */
export interface ClientErrorDetails {
  /** whether the same may succeed later, unchanged */
  readonly retryable?: boolean;
  /** the field that is wrong */
  readonly param?: string | null;
  /** how long to wait before it may succeed, where that is known */
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/**
 * The one error of this package. `code` is stable, and programs decide by it: it is one of the service's own codes
 * (listed in `/docs`), or of this package's, in `ClientCode`. The message is for people.
 */
export class FloraAsrClientError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly param: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FloraAsrClientError';
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.param = details.param ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** Codes of what goes wrong before the service is asked, or without it. */
export type ClientCode =
  /** an option that cannot be meant; nothing was sent */
  | 'argument_invalid'
  /** nobody answered at the address */
  | 'connection_failed'
  /** the connection ended without a goodbye, and could not be resumed */
  | 'connection_lost'
  /** what answered is not this service */
  | 'answer_invalid'
  /** by the signal that was given, or by `cancel` */
  | 'cancelled'
  /** more was sent without waiting for `send` than may wait */
  | 'buffer_full'
  /** nothing can be sent after `finish` */
  | 'audio_after_finish'
  /** no permission, no device, or a browser without AudioWorklet */
  | 'microphone_unavailable'
  /** no WAV file of an encoding that the service takes */
  | 'audio_unreadable';

export function clientError(code: ClientCode, message: string, details: ClientErrorDetails = {}): FloraAsrClientError {
  return new FloraAsrClientError(code, message, details);
}
