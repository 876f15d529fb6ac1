import { LONGEST_APPEND_BYTES } from './client-events.ts';

/** Of an event beside its audio. */
const ENVELOPE_BYTES = 2 ** 16;

/** An append of 15 MiB in base64 is one message, however short those of other protocols have to be. */
export function longestEventBytes(maxFrameBytes: number): number {
  return Math.max(maxFrameBytes, Math.ceil(LONGEST_APPEND_BYTES / 3) * 4 + ENVELOPE_BYTES);
}
