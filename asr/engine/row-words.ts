import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { meanOf } from '../decoding/guards.ts';
import type { RowDecoding } from '../decoding/row-decoding.ts';
import { tokenBoundaries } from '../decoding/token-times.ts';
import { splitWords, type Word } from '../decoding/words.ts';
import { SAMPLES_PER_POSITION } from '../features/context.ts';
import { alignmentOrder } from '../whisper/decoder-graph.ts';
import { languageCode } from '../whisper/prompt.ts';
import type { DecodePool } from './decode-pool.ts';
import type { RecognisedWord, Recognition } from './job.ts';
import { contextOf, type LiveRow, type RowContext } from './live-row.ts';

const POSITION_MS = (1000 * SAMPLES_PER_POSITION) / SAMPLE_RATE_HZ;

/** Where a row's cross-attention keys lie. */
export interface Seat {
  readonly pool: DecodePool;
  readonly place: number;
}

/** The words of a recognition, with times from what the decoder looked at when it said them. */
export function rowWords(
  row: LiveRow,
  { recognition: { tokens, tokenLogProbs }, decoding }: { readonly recognition: Recognition; readonly decoding: RowDecoding },
  { config, tokenizer }: RowContext,
  { pool, place }: Seat,
): readonly RecognisedWord[] {
  const { job } = row;
  const words = splitWords(tokens, { decode: (part) => tokenizer.decode(part), whisperCode: languageCode(config, job.prompt) });
  // the step that is fed the prompt's last token looks for the first of the text
  const firstStep = decoding.rules.prompt.length - 1 - decoding.rules.start;
  const boundaries = tokenBoundaries(
    {
      queries: decoding.queries.slice(0, firstStep + tokens.length + 1),
      keys: alignmentOrder(config).map(([layer, head]) => pool.crossKeys(place, layer, head)),
      headDim: config.dim / config.heads,
      positions: Math.min(Math.ceil(job.samples.length / SAMPLES_PER_POSITION), contextOf(row)),
    },
    firstStep,
    tokens.length,
  );
  const durationMs = Math.floor((1000 * job.samples.length) / SAMPLE_RATE_HZ);
  const timeMs = (token: number) => Math.min(POSITION_MS * (boundaries[token] ?? 0), durationMs);
  return trimmed(words).map(({ text, firstToken, endToken, spoken }) => ({
    text,
    startMs: timeMs(spoken.firstToken),
    endMs: timeMs(spoken.endToken),
    probability: Math.exp(meanOf(tokenLogProbs.slice(firstToken, endToken))),
    firstToken,
    endToken,
  }));
}

/** Without the blanks at both ends, as the text is. */
function trimmed(words: readonly Word[]): readonly Word[] {
  return words.map((word, index) => {
    const begun = index === 0 ? word.text.trimStart() : word.text;
    return { ...word, text: index === words.length - 1 ? begun.trimEnd() : begun };
  });
}
