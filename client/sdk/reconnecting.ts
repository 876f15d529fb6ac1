export interface ReconnectSettings {
  /** before the first attempt; it doubles from one to the next */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const DEFAULT_RECONNECTING: ReconnectSettings = { firstWaitMs: 250, longestWaitMs: 8_000 };

/**
 * How long to wait before an attempt. Half of it is left to chance, so that clients that were cut off together do not
 * come back together.
 * @param attempt from 1
 * @param random in [0, 1)
 */
export function reconnectWaitMs(attempt: number, { firstWaitMs, longestWaitMs }: ReconnectSettings, random: number): number {
  const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
  return Math.round(waitMs * (0.5 + 0.5 * random));
}
