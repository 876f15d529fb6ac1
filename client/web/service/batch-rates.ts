import type { LiveBody } from '../../../server/protocol/rest-messages.ts';

/** What the batch was like between two looks at it; null where nothing ran. */
export interface BatchRates {
  readonly rowsPerRun: number | null;
  readonly rowsPerStep: number | null;
  /** of the decoder's steps, those whose rows had more than one adapter; 0 to 1 */
  readonly mixedShare: number | null;
  /** of the encoder's positions, those that were padding; 0 to 1 */
  readonly paddingShare: number | null;
  /** of the time; 0 to 1 */
  readonly busyShare: number | null;
}

/** @param before an earlier look at the same engine; one that has started anew since gives no rates */
export function ratesBetween(before: LiveBody['totals'], now: LiveBody['totals']): BatchRates {
  const since = (name: keyof LiveBody['totals']) => now[name] - before[name];
  const share = (part: number, whole: number) => (whole > 0 && part >= 0 ? part / whole : null);
  const computed = since('positions_computed');
  const busy = since('busy_ms');
  return {
    rowsPerRun: share(since('encoder_rows'), since('encoder_runs')),
    rowsPerStep: share(since('decoder_tokens'), since('decoder_steps')),
    mixedShare: share(since('decoder_mixed_steps'), since('decoder_steps')),
    paddingShare: share(computed - since('positions_asked'), computed),
    busyShare: share(busy, busy + since('idle_ms')),
  };
}
