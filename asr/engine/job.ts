import type { GuardTrip } from '../decoding/guards.ts';
import type { TokenId } from '../whisper/config.ts';
import type { RowId } from './schedule.ts';

/** How a row is decoded; the defaults serve users, the others serve measurements. */
export interface DecodingSettings {
  /** refuse loops, silence and runaway lengths */
  readonly guards: boolean;
  /** try again when a guard trips: with more context, then at higher temperatures */
  readonly retries: boolean;
  /** end after exactly so many text tokens, whatever the model says; null: when it says so */
  readonly forcedTokenCount: number | null;
  /** `audio`: as many tokens as can be said in its time; `model`: as many as the decoder has room for */
  readonly tokenLimit: 'audio' | 'model';
}

export const DEFAULT_DECODING: DecodingSettings = {
  guards: true,
  retries: true,
  forcedTokenCount: null,
  tokenLimit: 'audio',
};

/** One utterance, admitted: everything that decides its result is fixed here. Plain data, posted to the worker. */
export interface UtteranceJob {
  readonly id: RowId;
  /** 16 kHz mono, finite, not empty */
  readonly samples: Float32Array;
  /** which words are spoken, or only in which language */
  readonly purpose: 'words' | 'language';
  /** forced tokens: start, language, task, no-timestamps; to find the language, start alone */
  readonly prompt: readonly TokenId[];
  readonly adapterSlot: number;
  /** encoder positions, ascending: a guard that trips asks for the next ones */
  readonly contexts: readonly number[];
  readonly decoding: DecodingSettings;
  /** as in the request */
  readonly promptText: string | null;
  readonly hotWords: readonly string[];
  readonly temperature: number;
  readonly beamSize: number;
  readonly prefix: readonly TokenId[];
  readonly draft: readonly TokenId[];
  readonly words: boolean;
  readonly deferrable: boolean;
}

/** What a job asks for beside its words, if nothing more. */
export const NOTHING_MORE = {
  purpose: 'words',
  promptText: null,
  hotWords: [],
  temperature: 0,
  beamSize: 1,
  prefix: [],
  draft: [],
  words: false,
  deferrable: false,
} as const satisfies Partial<UtteranceJob>;

/** What the model made of an utterance. */
export interface Recognition {
  readonly text: string;
  /** text tokens, without the prompt and end-of-text */
  readonly tokens: readonly TokenId[];
  /** natural logarithms; one per token, and one more for end-of-text where it was generated */
  readonly tokenLogProbs: readonly number[];
  /** in their order; null if nobody asked for them */
  readonly words: readonly RecognisedWord[] | null;
  /** of the attempt that was taken */
  readonly temperature: number;
  /** 0 to 1 */
  readonly noSpeechProb: number;
  /** encoder positions of the attempt that was taken */
  readonly context: number;
  /** 1, or more after retries */
  readonly attempts: number;
  /** of all attempts, in order */
  readonly trips: readonly GuardTrip[];
  readonly timings: RowTimings;
}

/** A word and what belongs to it: punctuation counts to the word it is written at. */
export interface RecognisedWord {
  /** as it is written, with the blank before it if it has one: the texts of all words, joined, are the text */
  readonly text: string;
  /** of the utterance's own time; never falling, and inside the utterance */
  readonly startMs: number;
  readonly endMs: number;
  /** the geometric mean of its tokens', 0 to 1 */
  readonly probability: number;
  /** tokens of the text before the word, and behind it */
  readonly firstToken: number;
  readonly endToken: number;
}

/** Where a row's time went, in milliseconds; work done for a whole batch counts by the row's share of its rows. */
export interface RowTimings {
  /** from arrival to the encoder, all attempts */
  readonly waitMs: number;
  readonly featuresMs: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
  /** from arrival to the result */
  readonly totalMs: number;
}
