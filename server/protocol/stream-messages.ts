import { z } from 'zod';

/*
 * The native protocol of `/v1/stream`. A connection carries one stream of audio: `start`, then binary frames of
 * samples with `flush` and `language` where wanted, then `finish`. All other frames are JSON objects of the forms below,
 * and unknown fields are refused. Times are seconds of the stream's own audio, counted in samples and not by a clock.
 *
 * Outcomes, which are finals and the errors of utterances that were lost, are numbered together, without gaps. A stream
 * that was started as resumable outlives its connection for a while: another one goes on with it by `resume`.
 */

/** How samples are packed in binary frames; several channels are interleaved. Integers and floats are little-endian. */
export const AUDIO_ENCODINGS = ['pcm_s16le', 'pcm_f32le', 'mulaw', 'alaw'] as const;
export type AudioEncoding = (typeof AUDIO_ENCODINGS)[number];

export const LOWEST_SAMPLE_RATE_HZ = 8_000;
export const HIGHEST_SAMPLE_RATE_HZ = 48_000;
export const MOST_CHANNELS = 8;

/** In place of a language: it is found by listening. */
export const AUTO_LANGUAGE = 'auto';

/** When a pause ends an utterance. */
export const endpointingSchema = z
  .strictObject({
    silence_ms: z.int().min(100).max(10_000).default(500).describe('silence that ends an utterance'),
    prefix_ms: z.int().min(0).max(2_000).default(300).describe('audio kept before speech starts, and after it ends'),
    threshold: z.number().min(0.05).max(0.95).default(0.5).describe('probability from which a window is speech'),
  })
  .describe('when a pause ends an utterance');

const languageTag = z.string().min(1).max(35);
const adapterChoice = z.string().min(1).max(200).nullable().optional();

const languagesSchema = z
  .array(languageTag)
  .min(1)
  .max(100)
  .optional()
  .describe('with `auto`: one of these is spoken; left out, one of those that the service looks for');

/** When words are told before their utterance has ended. */
export const partialsSchema = z
  .strictObject({
    cadence_ms: z
      .int()
      .min(100)
      .max(10_000)
      .default(200)
      .describe('audio between two looks at an open utterance, at least; under load, more'),
  })
  .describe('when words are told before their utterance has ended');

export const SPEECH_TASKS = ['transcribe', 'translate'] as const;

export const startSchema = z
  .strictObject({
    type: z.literal('start'),
    language: languageTag.describe('what is spoken, as a BCP-47 tag: el, es-419; or auto'),
    languages: languagesSchema,
    encoding: z.enum(AUDIO_ENCODINGS).describe('of the samples in binary frames'),
    sample_rate: z.int().min(LOWEST_SAMPLE_RATE_HZ).max(HIGHEST_SAMPLE_RATE_HZ).describe('in Hz'),
    channels: z.int().min(1).max(MOST_CHANNELS).default(1).describe('interleaved; each is recognised by itself'),
    model: z.string().min(1).max(200).optional().describe('as in POST /v1/audio/transcriptions; left out, the served base'),
    adapter: adapterChoice.describe('name or name@version; null for the base model; left out, the language decides'),
    task: z.enum(SPEECH_TASKS).default('transcribe').describe('translate: into English'),
    prompt: z.string().max(10_000).optional().describe('what was said before, or how words are written'),
    keywords: z
      .array(z.string().min(1).max(50))
      .max(100)
      .optional()
      .describe('words and phrases that are more likely than the model thinks'),
    words: z.boolean().default(false).describe('times of words, too'),
    partials: z
      .union([z.boolean(), partialsSchema])
      .default(false)
      .describe('words while they are spoken, which may still change; true: with the defaults'),
    endpointing: z
      .union([endpointingSchema, z.literal(false)])
      .optional()
      .describe('false: utterances end by flush, by finish, by another language and after 30 s only'),
    resumable: z.boolean().default(false).describe('another connection may go on with the stream if this one is lost'),
  })
  .describe('Opens a stream; the first frame of a connection, or else `resume` is.');

export const flushSchema = z
  .strictObject({ type: z.literal('flush') })
  .describe('Ends the utterance that is open, now. Harmless if none is.');

export const languageSchema = z
  .strictObject({
    type: z.literal('language'),
    language: languageTag.describe('of all that follows, from this very sample on; or auto'),
    languages: languagesSchema,
    adapter: adapterChoice.describe('as in start; left out, the language decides, whatever start said'),
  })
  .describe('Another language is spoken now. The utterance that is open ends here.');

export const resumeSchema = z
  .strictObject({
    type: z.literal('resume'),
    session: z.string().min(1).max(200).describe('as `ready` named it'),
    received: z.int().min(0).describe('outcomes that the client has: the `sequence` of its last one, and 1'),
  })
  .describe('Goes on with a stream whose connection was lost; the first frame of the new one.');

export const finishSchema = z
  .strictObject({ type: z.literal('finish') })
  .describe('No more audio comes: the last finals are sent, then `closed`.');

export const clientMessageSchema = z.discriminatedUnion('type', [
  startSchema,
  flushSchema,
  languageSchema,
  finishSchema,
  resumeSchema,
]);
export type StartMessage = z.output<typeof startSchema>;
export type LanguageMessage = z.output<typeof languageSchema>;
export type ResumeMessage = z.output<typeof resumeSchema>;
export type ClientMessage = z.output<typeof clientMessageSchema>;
/** What a client may write: fields with defaults may be left out. */
export type ClientMessageInput = z.input<typeof clientMessageSchema>;

const seconds = z.number().min(0);
const channel = z.int().min(0);
const milliseconds = z.number().min(0);

const textLength = z.int().min(0);

export const wordSchema = z.strictObject({
  text: z.string().describe('as it is written, with its punctuation'),
  start: seconds,
  end: seconds,
  confidence: z.number().min(0).max(1),
});

export const adapterDescriptionSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  digest: z.string().describe("SHA-256 of the adapter's files"),
});

const languagesInForce = z
  .array(z.string())
  .nullable()
  .describe('where the language is auto: one of these is spoken, or, if there are none, any; else null');
const adapterInForce = adapterDescriptionSchema
  .nullable()
  .describe('what decodes what follows; null: the base model, or, where the language is auto, what that decides');

export const readySchema = z
  .strictObject({
    type: z.literal('ready'),
    stream_id: z.string().describe('names the stream in logs and errors'),
    model: z.string(),
    language: z.string(),
    languages: languagesInForce,
    encoding: z.enum(AUDIO_ENCODINGS),
    sample_rate: z.int(),
    channels: z.int(),
    adapter: adapterInForce,
    task: z.enum(SPEECH_TASKS),
    words: z.boolean(),
    partials: z.union([partialsSchema, z.literal(false)]),
    endpointing: z.union([endpointingSchema, z.literal(false)]),
    session: z
      .string()
      .nullable()
      .describe('for `resume`; a secret, as it opens the stream. null: the stream ends with its connection'),
    resume_window: seconds.nullable().describe('how long the stream is kept without a connection'),
  })
  .describe('The stream is open, with these settings.');

export const speechStartedSchema = z
  .strictObject({ type: z.literal('speech_started'), channel, start: seconds })
  .describe('Somebody began to speak. A final or an error for this speech follows.');

export const languageChangedSchema = z
  .strictObject({
    type: z.literal('language'),
    language: z.string(),
    languages: languagesInForce,
    adapter: adapterInForce,
    start: seconds.describe('from here on'),
  })
  .describe('Answers `language`.');

export const partialSchema = z
  .strictObject({
    type: z.literal('partial'),
    channel,
    text: z.string().describe('of the utterance that is open; it may still change, but for its beginning'),
    stable_length: textLength.describe('so many characters (UTF-16 code units) of it begin the final, whatever comes'),
    start: seconds,
    end: seconds.describe('what was heard until here'),
    language: z.string(),
    words: z.array(wordSchema).optional().describe('if start asked for words'),
  })
  .describe('What an utterance says so far. Under load fewer come; none is told again.');

export const ENDED_BY = ['pause', 'flush', 'finish', 'language', 'length'] as const;

const sequence = z.int().min(0);

export const finalSchema = z
  .strictObject({
    type: z.literal('final'),
    sequence: sequence.describe('counts the outcomes of the stream, without gaps: finals, and errors that name a channel'),
    channel,
    text: z.string().describe('empty, if what sounded like speech has no words'),
    start: seconds,
    end: seconds,
    language: z.string().describe('that it was decoded in'),
    words: z.array(wordSchema).optional().describe('if start asked for words'),
    confidence: z.number().min(0).max(1).nullable().describe('mean probability of the tokens; null without text'),
    adapter: adapterDescriptionSchema.nullable(),
    ended_by: z.enum(ENDED_BY),
    timings: z
      .strictObject({
        wait_ms: milliseconds.describe('all the rest: until its batch began, and for others in it'),
        encode_ms: milliseconds.describe("features and encoder, the utterance's share of its batch"),
        decode_ms: milliseconds.describe("the utterance's share of its batch"),
        total_ms: milliseconds.describe('from the end of the utterance to this event'),
      })
      .describe('where the time went'),
  })
  .describe('The words of one utterance; they do not change any more.');

export const errorSchema = z
  .strictObject({
    type: z.literal('error'),
    sequence: sequence.nullable().describe('where an utterance was lost: counted as finals are; else null'),
    code: z.string().describe('stable: programs may decide by it'),
    message: z.string(),
    param: z.string().nullable().describe('the field that is wrong'),
    retryable: z.boolean(),
    fatal: z.boolean().describe('true: the connection is closed after this'),
    channel: channel.nullable(),
    start: seconds.nullable().describe('of the utterance that was lost; null if none was'),
    end: seconds.nullable(),
  })
  .describe('Something went wrong. A lost utterance is named by its channel and times.');

export const CLOSED_BY = ['finish', 'drain', 'error'] as const;

export const closedSchema = z
  .strictObject({
    type: z.literal('closed'),
    reason: z.enum(CLOSED_BY),
    audio: seconds.describe('audio that was received, on one channel'),
    finals: z.int().min(0),
  })
  .describe('The last event; the connection is closed after it.');

const acceptedSamples = z.int().min(0).describe('of each channel, that were accepted');
const takenMessages = z.int().min(0).describe('`flush`, `language` and `finish` that were taken, in all');

export const acceptedSchema = z
  .strictObject({ type: z.literal('accepted'), samples: acceptedSamples, messages: takenMessages })
  .describe('A client of a resumable stream need not keep these any more. Comes every second of audio or so.');

export const resumedSchema = z
  .strictObject({
    type: z.literal('resumed'),
    session: z.string(),
    stream_id: z.string(),
    samples: acceptedSamples.describe('of each channel, that were accepted: send audio from there on'),
    messages: takenMessages.describe('`flush`, `language` and `finish` that were taken: send those behind them again'),
    language: z.string().describe('in force now'),
    languages: languagesInForce,
    adapter: adapterInForce,
    resume_window: seconds,
  })
  .describe('Answers `resume`. The outcomes that the client lacks follow, then the stream goes on.');

export const serverMessageSchema = z.discriminatedUnion('type', [
  readySchema,
  speechStartedSchema,
  partialSchema,
  finalSchema,
  languageChangedSchema,
  acceptedSchema,
  resumedSchema,
  errorSchema,
  closedSchema,
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;
export type FinalMessage = z.output<typeof finalSchema>;
export type WordOnWire = z.output<typeof wordSchema>;

/** WebSocket close codes that `/v1/stream` uses (RFC 6455; 4000 to 4999 are our own). */
export const CLOSE_CODES = {
  /** after `closed`: finish was answered */
  finished: 1000,
  /** the server drains; what was accepted has been answered */
  goingAway: 1001,
  /** frames that are none of RFC 6455 */
  malformed: 1002,
  /** a text message that is not UTF-8 */
  notText: 1007,
  /** a message above the size limit */
  tooLarge: 1009,
  /** a failure of the service */
  internal: 1011,
  /** a message that breaks the protocol, or asks for what there is not; `error` said which */
  protocol: 4400,
  /** there is no such session, or none any more */
  unknownSession: 4404,
  /** the stream was too slow, too long or too idle */
  limit: 4408,
  /** another connection goes on with the stream */
  takenOver: 4409,
} as const;
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
