import type { PartialPolicySettings } from './partial-policy.ts';

/** When words are shown before their utterance has ended, and which of them will not change. */
export interface PartialSettings {
  /** audio between two rows of an utterance, at least; under load there is more */
  readonly cadenceMs: number;
  /** audio of an utterance before its first row, what it keeps of the silence before speech included; 0, if left out */
  readonly firstMs?: number;
  /** `DEFAULT_POLICY`, if left out */
  readonly policy?: PartialPolicySettings;
}

/** One look in seven at less than 600 ms shows a word, and half of those at more. */
export const DEFAULT_PARTIALS: PartialSettings = { cadenceMs: 200, firstMs: 600 };
