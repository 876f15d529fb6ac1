import { z } from 'zod';

/*
 * The native protocol of `/v1/stream`. A connection carries one stream of audio: `start`, then binary frames of
 * samples with `flush` where wanted, then `finish`. All other frames are JSON objects of the forms below, and unknown
 * fields are refused. Times are seconds of the stream's own audio, counted in samples and not by a clock.
 */

/** How samples are packed in binary frames; several channels are interleaved. Integers and floats are little-endian. */
export const AUDIO_ENCODINGS = ['pcm_s16le', 'pcm_f32le', 'mulaw', 'alaw'] as const;
export type AudioEncoding = (typeof AUDIO_ENCODINGS)[number];

export const LOWEST_SAMPLE_RATE_HZ = 8_000;
export const HIGHEST_SAMPLE_RATE_HZ = 48_000;
export const MOST_CHANNELS = 8;

/** When a pause ends an utterance. */
export const endpointingSchema = z
  .strictObject({
    silence_ms: z.int().min(100).max(10_000).default(500).describe('silence that ends an utterance'),
    prefix_ms: z.int().min(0).max(2_000).default(300).describe('audio kept before speech starts, and after it ends'),
    threshold: z.number().min(0.05).max(0.95).default(0.5).describe('probability from which a window is speech'),
  })
  .describe('when a pause ends an utterance');

export const startSchema = z
  .strictObject({
    type: z.literal('start'),
    language: z.string().min(1).max(35).describe('what is spoken, as a BCP-47 tag: el, es-419'),
    encoding: z.enum(AUDIO_ENCODINGS).describe('of the samples in binary frames'),
    sample_rate: z.int().min(LOWEST_SAMPLE_RATE_HZ).max(HIGHEST_SAMPLE_RATE_HZ).describe('in Hz'),
    channels: z.int().min(1).max(MOST_CHANNELS).default(1).describe('interleaved; each is recognised by itself'),
    model: z.string().min(1).max(200).optional().describe('as in POST /v1/audio/transcriptions; left out, the served base'),
    adapter: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .optional()
      .describe('name or name@version; null for the base model; left out, the language decides'),
    endpointing: z
      .union([endpointingSchema, z.literal(false)])
      .optional()
      .describe('false: utterances end by flush, by finish and after 30 s only'),
  })
  .describe('Opens the stream; the first frame of a connection.');

export const flushSchema = z
  .strictObject({ type: z.literal('flush') })
  .describe('Ends the utterance that is open, now. Harmless if none is.');

export const finishSchema = z
  .strictObject({ type: z.literal('finish') })
  .describe('No more audio comes: the last finals are sent, then `closed`.');

export const clientMessageSchema = z.discriminatedUnion('type', [startSchema, flushSchema, finishSchema]);
export type StartMessage = z.output<typeof startSchema>;
export type ClientMessage = z.output<typeof clientMessageSchema>;
/** What a client may write: fields with defaults may be left out. */
export type ClientMessageInput = z.input<typeof clientMessageSchema>;

const seconds = z.number().min(0);
const channel = z.int().min(0);
const milliseconds = z.number().min(0);

export const adapterDescriptionSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  digest: z.string().describe("SHA-256 of the adapter's files"),
});

export const readySchema = z
  .strictObject({
    type: z.literal('ready'),
    stream_id: z.string().describe('names the stream in logs and errors'),
    model: z.string(),
    language: z.string(),
    encoding: z.enum(AUDIO_ENCODINGS),
    sample_rate: z.int(),
    channels: z.int(),
    adapter: adapterDescriptionSchema.nullable().describe('what decodes the stream; null: the base model'),
    endpointing: z.union([endpointingSchema, z.literal(false)]),
  })
  .describe('The stream is open, with these settings.');

export const speechStartedSchema = z
  .strictObject({ type: z.literal('speech_started'), channel, start: seconds })
  .describe('Somebody began to speak. A final or an error for this speech follows.');

export const ENDED_BY = ['pause', 'flush', 'finish', 'length'] as const;

export const finalSchema = z
  .strictObject({
    type: z.literal('final'),
    sequence: z.int().min(0).describe('counts the finals of the stream, without gaps'),
    channel,
    text: z.string().describe('empty, if what sounded like speech has no words'),
    start: seconds,
    end: seconds,
    language: z.string(),
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

export const serverMessageSchema = z.discriminatedUnion('type', [
  readySchema,
  speechStartedSchema,
  finalSchema,
  errorSchema,
  closedSchema,
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;
export type FinalMessage = z.output<typeof finalSchema>;

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
  /** the stream was too slow, too long or too idle */
  limit: 4408,
} as const;
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
