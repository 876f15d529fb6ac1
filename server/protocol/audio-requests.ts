import { z } from 'zod';
import { endpointingSchema } from './stream-messages.ts';

/*
 * What REST is asked about recordings, in the forms of OpenAI's. Requests are multipart forms; here is what their fields
 * mean once they are read: numbers are numbers, `key[]` is an array, `key[part]` an object. What OpenAI's API has beyond
 * this is refused by name.
 */

export const RESPONSE_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

export const TRANSLATION_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;

/** The formats that may be streamed. */
export const STREAMED_FORMATS: readonly ResponseFormat[] = ['json', 'text', 'diarized_json'];

/** Fields that OpenAI's API and others have, and this one refuses. */
export const REFUSED_FIELDS = ['known_speaker_names', 'known_speaker_references', 'diarize', 'diarization'] as const;

/** In place of a language: it is found. */
export const AUTO_LANGUAGE = 'auto';

export const MOST_KEYWORDS = 100;
export const LONGEST_KEYWORD = 50;

const { prefix_ms, silence_ms, threshold } = endpointingSchema.shape;

export const chunkingStrategySchema = z
  .union([
    z.enum(['auto', 'none']),
    z.strictObject({
      type: z.literal('server_vad'),
      prefix_padding_ms: prefix_ms,
      silence_duration_ms: silence_ms,
      threshold,
    }),
  ])
  .describe(
    'where the recording is cut into utterances: auto (as left out), at pauses; server_vad, at pauses of one’s own ' +
      'measure; none, only where 30 s are reached',
  );

const tag = z.string().max(35);

/** Of both kinds of request. */
const recording = {
  file: z.file().describe('the recording: WAV, FLAC, MP3, Ogg, WebM, MP4 or anything else that ffmpeg reads'),
  model: z
    .string()
    .max(200)
    .optional()
    .describe("the served base's name: without adapter; an adapter's name; left out, or an alias: the language decides"),
  language: tag
    .optional()
    .describe('what is spoken, as a BCP-47 tag: el, es-419; auto, or left out: it is found by listening (docs/protocols.md)'),
  languages: z.array(tag.min(1)).max(100).optional().describe('the languages among which it is found, in place of language'),
  temperature: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('0: the most probable words, and warmer by itself where they loop; above: drawn, alike for the same audio'),
  channels: z
    .enum(['mix', 'apart'])
    .optional()
    .describe('mix (as left out) recognises the mean of all channels, apart each by itself, as diarized_json does'),
  chunking_strategy: chunkingStrategySchema.default('auto'),
};

const adapter = z.string().min(1).max(200).optional();

export const transcriptionRequestSchema = z
  .strictObject({
    ...recording,
    adapter: adapter.describe(
      'name or name@version; none for the base model; auto, or left out where no model names one: the language decides',
    ),
    response_format: z
      .enum(RESPONSE_FORMATS)
      .default('json')
      .describe('diarized_json needs a file with a channel for each speaker; stream takes json, text and diarized_json'),
    timestamp_granularities: z
      .array(z.enum(['word', 'segment']))
      .optional()
      .describe('what verbose_json has times of: segments, if left out'),
    include: z
      .array(z.enum(['logprobs']))
      .optional()
      .describe('logprobs: of each token, with json'),
    prompt: z.string().optional().describe('what was said before, or how words are written; its last 223 tokens are used'),
    keywords: z
      .array(z.string().min(1).max(LONGEST_KEYWORD))
      .max(MOST_KEYWORDS)
      .optional()
      .describe('words and phrases that are more likely than the model thinks'),
    stream: z.boolean().default(false).describe('server-sent events, an utterance as soon as it is recognised'),
  })
  .describe('A recording to recognise.');
export type TranscriptionRequest = Omit<z.output<typeof transcriptionRequestSchema>, 'file'>;

export const translationRequestSchema = z
  .strictObject({
    ...recording,
    adapter: adapter.describe('name or name@version; left out, or none: the base model, because adapters learn to transcribe'),
    response_format: z.enum(TRANSLATION_FORMATS).default('json'),
    prompt: z.string().optional().describe('in English: what was said before, or how words are written'),
  })
  .describe('A recording to translate into English.');
export type TranslationRequest = Omit<z.output<typeof translationRequestSchema>, 'file'>;
