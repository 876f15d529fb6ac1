import type { PartialPolicySettings } from './partial-policy.ts';

/** When words are shown before their utterance has ended, and which of them will not change. */
export interface PartialSettings {
  /** audio between two rows of an utterance, at least; under load there is more */
  readonly cadenceMs: number;
  /** `DEFAULT_POLICY`, if left out */
  readonly policy?: PartialPolicySettings;
}

export const DEFAULT_PARTIALS: PartialSettings = { cadenceMs: 200 };
