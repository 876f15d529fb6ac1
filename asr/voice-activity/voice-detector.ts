/** Samples at 16 kHz that one probability stands for: 32 ms. */
export const WINDOW_SAMPLES = 512;

/** Tells speech from other sound, for any number of signals at once. */
export interface VoiceDetector {
  open(): VoiceSignal;
  /** Signals that are open fail with `engine_closed`. */
  close(): Promise<void>;
}

/** One signal, from its start on. What is said of it does not depend on the others, nor on how it is cut into pieces. */
export interface VoiceSignal {
  /**
   * @param samples 16 kHz mono, finite, any number; read until the promise settles
   * @returns the probability of speech, 0 to 1, for each window that these samples completed; in the order of the calls
   * @throws FloraAsrError `engine_closed`, `engine_failed`, after which the signal is of no use; `cancelled` once it is closed
   */
  push(samples: Float32Array): Promise<Float32Array>;
  close(): void;
}
