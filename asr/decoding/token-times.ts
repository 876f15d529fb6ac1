import { type Attention, attentionMatrix } from './attention-matrix.ts';
import { warpingPath } from './dynamic-time-warping.ts';

/**
 * Where in the audio each token begins, in encoder positions, and behind them where the last one ends; never falling.
 *
 * The step that is fed a token looks for the next one, so the token at i belongs to step `firstStep` + i. The step behind
 * the last token looks for the end; where there is none, since the row was ended, the last token lasts to the end. The
 * step before the first looks at what comes before speech: openai/whisper leaves it out, and so begins each first word
 * at 0, however long the silence before it.
 * @param firstStep the step that looks for the first token; at least 1
 */
export function tokenBoundaries(attention: Attention, firstStep: number, tokens: number): readonly number[] {
  const { queries, positions } = attention;
  if (tokens === 0 || positions === 0) return Array.from({ length: tokens + 1 }, () => 0);
  const rows = queries.length - firstStep + 1;
  const cost = attentionMatrix(attention, firstStep - 1);
  for (let at = 0; at < cost.length; at += 1) cost[at] = -(cost[at] as number);
  const [, ...spans] = warpingPath(cost, rows, positions);
  const boundaries = spans.map(({ first }) => first);
  return boundaries.length > tokens ? boundaries : [...boundaries, positions];
}
