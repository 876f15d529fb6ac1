/** What one file or upload may cost. */
export interface AudioLimits {
  /** of the file as it is stored, checked before it is read */
  readonly maxBytes: number;
  /**
   * Of the audio in it. Audio of more than eight channels may only be proportionally shorter, because
   * what the limit guards is memory: 230 MB for each hour of a channel.
   */
  readonly maxDurationMs: number;
  /** for ffmpeg, from its start to its last sample */
  readonly timeoutMs: number;
}

/** For files that the user of this machine names. A server sets its own, lower ones. */
export const DEFAULT_AUDIO_LIMITS: AudioLimits = {
  maxBytes: 512 * 2 ** 20,
  maxDurationMs: 4 * 3_600_000,
  timeoutMs: 600_000,
};
