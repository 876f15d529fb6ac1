/** What of a stream's audio may wait to be recognised. */
export interface Backlog {
  readonly backlogMs: number;
  /** what is meant to wait at most */
  readonly bufferMs: number;
}

/** Whether a stream is read from: until the buffer is full, and then again when half of it is empty. */
export function keepsReading(reading: boolean, { backlogMs, bufferMs }: Backlog): boolean {
  return reading ? backlogMs <= bufferMs : backlogMs < bufferMs / 2;
}

/** Whether so much more is too much, held back or not: one message may be long. */
export function exceedsBacklog(addedMs: number, { backlogMs, bufferMs }: Backlog): boolean {
  return backlogMs + addedMs > 2 * bufferMs;
}
