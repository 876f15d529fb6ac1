/** What every stream of the page is sent: 16 kHz, mono. */
export const SAMPLE_RATE_HZ = 16_000;

/** Audio on its way into a stream, from wherever it comes. */
export interface AudioFeed {
  /** whether it comes at the pace of speech, so that delays mean something */
  readonly live: boolean;
  /** Pieces, in their order; ends where there is no more, and when it is stopped. */
  readonly pieces: AsyncIterable<Float32Array>;
  /** No more comes. */
  stop(): void;
}
