/** When words are shown before their utterance has ended. */
export interface PartialSettings {
  /** audio between two partials, at least; under load there is more */
  readonly cadenceMs: number;
}

export const DEFAULT_PARTIALS: PartialSettings = { cadenceMs: 400 };
