import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { SpecialTokens, TokenId } from '../whisper/config.ts';

/** What `tokenizer.json` says about tokens that are not text. */
export interface Vocabulary {
  readonly special: SpecialTokens;
  /** asks for a language-model completion; never used, but suppressed */
  readonly startOfLanguageModel: TokenId;
  readonly languageTokens: ReadonlyMap<string, TokenId>;
}

const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id: z.number().int().nonnegative(), content: z.string() })),
});

/** Timestamps from 0.00 to 30.00 s, 20 ms apart, the last tokens of the vocabulary. */
const TIMESTAMPS = 1501;
/** An English-only Whisper has one token less in its text vocabulary, and no language tags. */
const SMALLEST_MULTILINGUAL_VOCAB = 51_865;

/**
 * Reads the special tokens of a multilingual Whisper.
 * @param vocab rows of the embedding; must agree with the tokens
 * @throws FloraAsrError `weights_corrupt`, `weights_unsupported` for an English-only model
 */
export function readVocabulary(tokenizerPath: string, vocab: number): Vocabulary {
  if (vocab < SMALLEST_MULTILINGUAL_VOCAB) {
    throw new FloraAsrError(
      'weights_unsupported',
      `${tokenizerPath}: a vocabulary of ${vocab} belongs to an English-only Whisper; take the one without ".en".`,
    );
  }
  const ids = new Map(readAddedTokens(tokenizerPath).map(({ content, id }) => [content, id as TokenId]));
  const find = (...contents: readonly string[]): TokenId => {
    const id = contents.map((content) => ids.get(content)).find((found) => found !== undefined);
    if (id === undefined) throw corrupt(tokenizerPath, `there is no token ${contents.join(' or ')}`);
    return id;
  };
  const noTimestamps = find('<|notimestamps|>');
  const special: SpecialTokens = {
    endOfText: find('<|endoftext|>'),
    startOfTranscript: find('<|startoftranscript|>'),
    translate: find('<|translate|>'),
    transcribe: find('<|transcribe|>'),
    startOfPrevious: find('<|startofprev|>'),
    // Hugging Face renamed it; both names are in use
    noSpeech: find('<|nospeech|>', '<|nocaptions|>'),
    noTimestamps,
    timestampBegin: (noTimestamps + 1) as TokenId,
  };
  if (special.timestampBegin + TIMESTAMPS !== vocab) {
    throw corrupt(
      tokenizerPath,
      `its timestamps end at token ${special.timestampBegin + TIMESTAMPS - 1}, but the model has ${vocab} tokens; ` +
        'it belongs to another model',
    );
  }
  return { special, startOfLanguageModel: find('<|startoflm|>'), languageTokens: languagesBetween(ids, special) };
}

/** The language tags lie between start of transcript and the tasks: 99 of them, 100 from large-v3 on. */
function languagesBetween(ids: ReadonlyMap<string, TokenId>, special: SpecialTokens): ReadonlyMap<string, TokenId> {
  return new Map(
    [...ids].flatMap(([content, id]) => {
      const [, language] = /^<\|([a-z]{2,3})\|>$/.exec(content) ?? [];
      if (language === undefined || id <= special.startOfTranscript || id >= special.translate) return [];
      return [[language, id] as const];
    }),
  );
}

function readAddedTokens(tokenizerPath: string) {
  try {
    return tokenizerSchema.parse(JSON.parse(readFileSync(tokenizerPath, 'utf8'))).added_tokens;
  } catch (cause) {
    throw corrupt(tokenizerPath, `it is no tokenizer of the Hugging Face format (${String(cause)})`, cause);
  }
}

function corrupt(file: string, problem: string, cause?: unknown): FloraAsrError {
  return new FloraAsrError('weights_corrupt', `${file}: ${problem}.`, { cause });
}
