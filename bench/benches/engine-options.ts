import { z } from 'zod';
import { COMMON_FLAGS, COMMON_HELP, commonSchema, countOption } from './options.ts';

export const engineOptionsSchema = commonSchema.extend({
  utterances: countOption(60).default(12),
  rounds: countOption(100).default(5),
  peerUtterances: z.union([z.literal('all'), countOption(1000)]).default(24),
  batchedRounds: countOption(100, 0).default(1),
  computeType: z.enum(['auto', 'int8', 'fp32', 'both']).default('auto'),
});
export type EngineBenchOptions = z.output<typeof engineOptionsSchema>;

export const ENGINE_FLAGS = {
  ...COMMON_FLAGS,
  rounds: { type: 'string' },
  'peer-utterances': { type: 'string' },
  'batched-rounds': { type: 'string' },
  'compute-type': { type: 'string' },
} as const;

export const ENGINE_HELP = `How fast the engine is. All utterances, languages mixed, are submitted at once: with eight rank-1 adapters
(one a language, every target, short contexts), and without adapters, in an engine whose graphs have no
place for any, but at the same short contexts. Beside it faster-whisper int8 on the same cores: one file at
a time (beam 1, temperature 0, no voice filter), and its batched pipeline. Every row of ours generates
exactly as many tokens as its reference text has; faster-whisper's are capped there by max_new_tokens,
of which CTranslate2 makes fewer: the report tells how many each system generated.

Systems stay open and work one at a time, in rounds that each begin with another one; ratios are of the
same round, and what is told is their median. faster-whisper is timed within its calls; ours from the first
submission to the last result. Its time depends on tokens, not on length, so it is timed over utterances
whose token counts stand for all.

Options:
  --utterances N        of each language, at equal distances in its test split; 12 if left out
  --rounds N            5 if left out, after one to warm up
  --peer-utterances N   that faster-whisper is timed over, spread over the languages, or all; 24 if left out
  --batched-rounds N    in which its batched pipeline takes part, over all utterances; 1 if left out, 0 for none
  --compute-type TYPE   of ours: auto (what the engine chooses for this CPU), int8, fp32 or both; the numbers
                        at the top level are those of auto's choice where both are measured
${COMMON_HELP}
`;
