/** When a pause ends an utterance. */
export interface EndpointingSettings {
  /** silence that ends an utterance */
  readonly silenceMs: number;
  /** audio kept before speech starts, and after it ends */
  readonly prefixMs: number;
  /** probability from which a window is speech */
  readonly threshold: number;
}

/** `off`: an utterance ends when it is flushed, at the end, and at 30 s. */
export type Endpointing = EndpointingSettings | 'off';

export const DEFAULT_ENDPOINTING: EndpointingSettings = { silenceMs: 500, prefixMs: 300, threshold: 0.5 };
