/** An error as it is logged. */
export interface ThrownDescription {
  /** the class */
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ThrownDescription;
}

/** Causes of causes that are told. */
const DEEPEST = 5;

/**
 * Of an error only these fields: parsers hang what a client sent onto theirs, sockets whole requests with their
 * headers, and neither belongs into a log.
 */
export function describeThrown(thrown: unknown, depth = 0): ThrownDescription {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'Something that is no error was thrown.' };
  const { name, message, stack, cause } = thrown;
  const { code } = thrown as { readonly code?: unknown };
  return {
    type: name,
    ...(typeof code === 'string' && { code }),
    message,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < DEEPEST && { cause: describeThrown(cause, depth + 1) }),
  };
}
