import { z } from 'zod';
import { adapterDescriptionSchema, endpointingSchema } from './stream-messages.ts';

/*
 * The REST interface, in the forms of OpenAI's. Requests are multipart forms; here is what their fields mean once they
 * are read: numbers are numbers, `key[]` is an array, `key[part]` an object. What OpenAI's API has beyond this is
 * refused by name.
 */

export const RESPONSE_FORMATS = ['json', 'text', 'verbose_json'] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

/** Fields that OpenAI's API has and this one refuses. */
export const REFUSED_FIELDS = ['include', 'languages', 'keywords', 'known_speaker_names', 'known_speaker_references'] as const;

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

export const transcriptionRequestSchema = z
  .strictObject({
    file: z.file().describe('the recording: WAV, FLAC, MP3, Ogg, WebM, MP4 or anything else that ffmpeg reads'),
    model: z
      .string()
      .max(200)
      .optional()
      .describe("the served base's name: without adapter; an adapter's name; left out, or an alias: the language decides"),
    language: z.string().min(1).max(35).describe('what is spoken, as a BCP-47 tag: el, es-419'),
    adapter: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'name or name@version; none for the base model; auto, or left out where no model names one: the language decides',
      ),
    response_format: z.enum(RESPONSE_FORMATS).default('json'),
    channels: z.enum(['mix', 'apart']).default('mix').describe('mix recognises the mean of all channels, apart each by itself'),
    chunking_strategy: chunkingStrategySchema.default('auto'),
    timestamp_granularities: z.array(z.literal('segment')).optional().describe('for verbose_json'),
    temperature: z.literal(0).default(0),
    prompt: z.literal('').optional(),
    stream: z.literal(false).default(false),
  })
  .describe('A recording to recognise.');
export type TranscriptionRequest = Omit<z.output<typeof transcriptionRequestSchema>, 'file'>;

const seconds = z.number().min(0).describe('in seconds');

export const usageSchema = z.strictObject({ type: z.literal('duration'), seconds });

const sharedAdapterSchema = adapterDescriptionSchema
  .nullable()
  .optional()
  .describe('what decoded all of it; null: the base model; left out where there are several, or no speech');

export const transcriptionSchema = z
  .strictObject({ text: z.string(), usage: usageSchema, adapter: sharedAdapterSchema })
  .describe('response_format=json');
export type TranscriptionBody = z.output<typeof transcriptionSchema>;

export const segmentSchema = z
  .strictObject({
    id: z.int().min(0),
    seek: z.int().min(0).describe('of the start, in units of 10 ms'),
    start: seconds,
    end: seconds,
    text: z.string().describe('empty, if what sounded like speech has no words'),
    tokens: z.array(z.int()),
    temperature: z.literal(0),
    avg_logprob: z.number().describe('of the tokens, end-of-text included; 0 without text'),
    compression_ratio: z.number().describe('bytes of the text over bytes deflated; 0 without text'),
    no_speech_prob: z.number().min(0).max(1),
    channel: z.int().min(0).describe('0 where channels were mixed'),
    adapter: adapterDescriptionSchema.nullable().describe('what decoded it; null: the base model'),
  })
  .describe('One utterance.');

export const verboseTranscriptionSchema = z
  .strictObject({
    task: z.literal('transcribe'),
    language: z.string().describe("the language's English name: greek"),
    duration: seconds,
    text: z.string(),
    segments: z.array(segmentSchema).describe('by channel, then by time'),
    usage: usageSchema,
    adapter: sharedAdapterSchema,
  })
  .describe('response_format=verbose_json');
export type VerboseTranscriptionBody = z.output<typeof verboseTranscriptionSchema>;

export const modelSchema = z
  .strictObject({
    id: z.string().describe('what `model` takes'),
    object: z.literal('model'),
    created: z.int().describe('when this service began to serve it, in seconds since 1970'),
    owned_by: z.string(),
    kind: z.enum(['base', 'flora', 'lora', 'alias']).describe('the served model, an adapter of it, or another name for it'),
    root: z.string().describe('the base, or the name that all versions of an adapter share'),
    parent: z.string().nullable().describe('the base an adapter is for, or that an alias stands for'),
    version: z.string().nullable(),
    digest: z.string().nullable().describe('of its weights'),
    language: z.string().nullable().describe('that an adapter serves, as a BCP-47 tag; null: any'),
    languages: z.array(z.string()).nullable().describe('that the model knows; null for adapters'),
    card: z.string().nullable().describe("where an adapter's model card is; null if there is none"),
  })
  .describe('Something that `model` may name.');
export type ModelBody = z.output<typeof modelSchema>;

export const modelListSchema = z.strictObject({ object: z.literal('list'), data: z.array(modelSchema) });

const count = z.int().min(0);
const labels = {
  language: z.string(),
  adapter: z.string().nullable().describe('name@version; null: the base model'),
};

export const liveSchema = z
  .strictObject({
    model: z.strictObject({ name: z.string(), provider: z.string(), compute_type: z.string(), threads: count }),
    rows: z.strictObject({
      queued: count.describe('utterances that wait for room in the engine'),
      in_flight: count.describe('utterances in the engine'),
      most: count.describe('as many as there may be in the engine'),
      waiting: count.describe('of those in the engine, those that wait for the encoder'),
      of: z.array(z.strictObject({ ...labels, rows: count })).describe('those in the engine'),
    }),
    pools: z
      .array(z.strictObject({ context: count, rows: count, places: count }))
      .describe('rows that decode side by side, by the longest context (of 20 ms) that fits'),
    encoder_runs: z
      .array(
        z.strictObject({
          number: count.describe('counts them'),
          rows: z.array(z.strictObject({ ...labels, context: count.describe('positions of 20 ms') })),
        }),
      )
      .describe('the last batches, in their order'),
    totals: z
      .strictObject({
        finished_rows: count,
        failed_rows: count,
        cancelled_rows: count,
        encoder_runs: count,
        encoder_rows: count,
        encoder_mixed_runs: count.describe('with more than one adapter'),
        positions_asked: count,
        positions_computed: count.describe('with padding'),
        decoder_steps: count,
        decoder_tokens: count,
        decoder_mixed_steps: count.describe('with more than one adapter'),
        busy_ms: z.number().min(0),
        idle_ms: z.number().min(0),
      })
      .describe('since the engine started'),
  })
  .describe('The shared batch at this moment.');
export type LiveBody = z.output<typeof liveSchema>;

export const livenessSchema = z.strictObject({ status: z.literal('live') });

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'starting', 'draining', 'failed']),
    waiting_for: z.string().nullable().describe('for people; null when ready'),
  })
  .describe('200 when ready, 503 else');
export type ReadinessBody = z.output<typeof readinessSchema>;

export const errorBodySchema = z
  .strictObject({
    error: z.strictObject({
      message: z.string().describe('for people'),
      type: z.enum(['invalid_request_error', 'authentication_error', 'permission_error', 'rate_limit_error', 'server_error']),
      param: z.string().nullable().describe('the field that is wrong'),
      code: z.string().describe('stable: programs may decide by it'),
    }),
  })
  .describe('Every answer that is no success.');
export type ErrorBody = z.output<typeof errorBodySchema>;
