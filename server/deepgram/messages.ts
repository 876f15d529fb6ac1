import { z } from 'zod';

/*
 * What goes over Deepgram's /v1/listen, as its SDKs have it: @deepgram/sdk 5.13 (`api/types/ListenV1…`) and
 * deepgram-sdk 7.17 (`listen/v1/types`). Times are seconds of the stream's own audio. SDKs pass on fields that they do
 * not know, so some are ours.
 */

export const keepAliveSchema = z.object({ type: z.literal('KeepAlive') }).describe('Says that the client is there. No answer.');

export const finalizeSchema = z
  .object({
    type: z.literal('Finalize'),
    channel: z.int().min(0).optional().describe('of this channel only'),
  })
  .describe('Ends the utterance that is open, now; answered by Results with from_finalize, on each channel once.');

export const closeStreamSchema = z
  .object({ type: z.literal('CloseStream') })
  .describe('No more audio comes: the last Results, then Metadata, then the connection is closed.');

export const configureSchema = z
  .object({
    type: z.literal('Configure'),
    keyterms: z
      .array(z.string().trim().min(1).max(200))
      .nullish()
      .describe('all terms that are more likely, from the audio on that follows; left out, or null: as before'),
    features: z.record(z.string(), z.boolean()).nullish().describe('punctuate, smart_format'),
  })
  .describe('Changes what is heard and how it is told, in mid-stream.');

export const clientMessageSchema = z.discriminatedUnion('type', [
  keepAliveSchema,
  finalizeSchema,
  closeStreamSchema,
  configureSchema,
]);
export type ClientMessage = z.output<typeof clientMessageSchema>;
export type ConfigureMessage = z.output<typeof configureSchema>;

const seconds = z.number().min(0);
const probability = z.number().min(0).max(1);
/** the channel, and how many there are */
const channelIndex = z.tuple([z.int().min(0), z.int().min(1)]);

export const wordSchema = z.object({
  word: z.string().describe('lower case, without punctuation'),
  start: seconds,
  end: seconds,
  confidence: probability,
  language: z.string(),
  punctuated_word: z.string().describe('as it is written'),
});
export type Word = z.output<typeof wordSchema>;

const modelInfoSchema = z.object({
  name: z.string().describe('what decoded it: the adapter, or else the base'),
  version: z.string().describe("the adapter's version; of the base, the beginning of its digest"),
  arch: z.string(),
  digest: z.string().describe('SHA-256'),
});
export type ModelInfo = z.output<typeof modelInfoSchema>;

export const resultsSchema = z.object({
  type: z.literal('Results'),
  channel_index: channelIndex,
  start: seconds,
  duration: seconds,
  is_final: z.boolean().describe('false: words that may still change'),
  speech_final: z.boolean().describe('true: the speaker has paused'),
  from_finalize: z.boolean(),
  channel: z.object({
    alternatives: z
      .array(
        z.object({
          transcript: z.string(),
          confidence: probability.describe('0 without words'),
          languages: z.array(z.string()),
          words: z.array(wordSchema),
        }),
      )
      .length(1),
  }),
  metadata: z.object({
    request_id: z.string(),
    model_uuid: z.string(),
    model_info: modelInfoSchema,
    extra: z.record(z.string(), z.string()).optional(),
  }),
});
export type Results = z.output<typeof resultsSchema>;

export const speechStartedSchema = z.object({ type: z.literal('SpeechStarted'), channel: channelIndex, timestamp: seconds });

export const utteranceEndSchema = z.object({ type: z.literal('UtteranceEnd'), channel: channelIndex, last_word_end: seconds });

export const metadataSchema = z.object({
  type: z.literal('Metadata'),
  transaction_key: z.literal('deprecated'),
  request_id: z.string(),
  sha256: z.string().describe('of the audio as it was received'),
  created: z.string(),
  duration: seconds,
  channels: z.int().min(0),
  models: z.array(z.string()),
  model_info: z.record(z.string(), modelInfoSchema),
  extra: z.record(z.string(), z.string()).optional(),
});
export type Metadata = z.output<typeof metadataSchema>;

export const configureSuccessSchema = z.object({
  type: z.literal('ConfigureSuccess'),
  request_id: z.string(),
  keyterms: z.array(z.string()).optional().describe('those in effect now; only if they were replaced'),
});

export const CONFIGURE_FAILURES = ['CONFIGURE_KEYTERM_LIMIT_EXCEEDED', 'CONFIGURE_FEATURE_NOT_SUPPORTED'] as const;

export const configureFailureSchema = z.object({
  type: z.literal('ConfigureFailure'),
  request_id: z.string(),
  code: z.enum(CONFIGURE_FAILURES),
  description: z.string(),
});

export const errorSchema = z.object({
  type: z.literal('Error'),
  variant: z.string().describe('SchemaError: a text message that is none; else the code of this service'),
  description: z.string(),
  code: z.string(),
  message: z.string().describe('of a SchemaError what was received; else the description'),
  channel: z.int().min(0).nullable().describe('of audio that got no words'),
  start: seconds.nullable(),
  end: seconds.nullable(),
});
export type ErrorMessage = z.output<typeof errorSchema>;

export const serverMessageSchema = z.discriminatedUnion('type', [
  resultsSchema,
  speechStartedSchema,
  utteranceEndSchema,
  metadataSchema,
  configureSuccessSchema,
  configureFailureSchema,
  errorSchema,
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;
