import { z } from 'zod';

/*
 * What a client of `/v1/realtime` may send: OpenAI's Realtime API, as far as it is about transcription. Fields that are
 * not here are refused by name. Left out, a field stays as it was; null takes it back.
 */

/** Of one `append`, decoded; OpenAI's limit. */
export const LONGEST_APPEND_BYTES = 15 * 2 ** 20;

export const AUDIO_TYPES = ['audio/pcm', 'audio/pcmu', 'audio/pcma'] as const;
export type AudioType = (typeof AUDIO_TYPES)[number];

/** Of `audio/pcm`; the two others have 8 kHz. */
export const PCM_RATE_HZ = 24_000;

/** How eager the words are; more delay, fewer of them at once. */
export const DELAYS = ['minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export type Delay = (typeof DELAYS)[number];

export const EAGERNESSES = ['low', 'medium', 'high', 'auto'] as const;
export type Eagerness = (typeof EAGERNESSES)[number];

export const LOG_PROBS = 'item.input_audio_transcription.logprobs';

const languageTag = z.string().min(1).max(35);

const formatSchema = z
  .strictObject({ type: z.enum(AUDIO_TYPES), rate: z.int().optional() })
  .superRefine(({ type, rate }, context) => {
    if (rate === undefined) return;
    if (type !== 'audio/pcm') wrong(context, 'rate', `${type} has 8,000 samples a second; leave it out`);
    else if (rate !== PCM_RATE_HZ) wrong(context, 'rate', `audio/pcm has ${PCM_RATE_HZ} samples a second here, as at OpenAI`);
  });

const transcriptionSchema = z
  .strictObject({
    model: z.string().max(200).nullable(),
    language: z.string().max(35).nullable(),
    languages: z.array(languageTag).max(100).nullable(),
    prompt: z.string().max(4_000).nullable(),
    keywords: z.array(z.string().min(1).max(50)).max(100).nullable(),
    delay: z.enum(DELAYS).nullable(),
  })
  .partial()
  .superRefine(({ language, languages }, context) => {
    if (!language || !languages || languages.length === 0) return;
    wrong(context, 'languages', 'the language is given, or found among several, but not both; leave one out');
  });

/** Of conversations: here nobody answers, so that they change nothing. */
const ofConversations = {
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
};

const SERVER_VAD_FIELDS = ['threshold', 'prefix_padding_ms', 'silence_duration_ms'] as const;

const turnDetectionSchema = z
  .strictObject({
    type: z.enum(['server_vad', 'semantic_vad']),
    threshold: z.number().min(0.05).max(0.95).optional(),
    prefix_padding_ms: z.int().min(0).max(2_000).optional(),
    silence_duration_ms: z.int().min(100).max(10_000).optional(),
    eagerness: z.enum(EAGERNESSES).optional(),
    idle_timeout_ms: z.null().optional(),
    ...ofConversations,
  })
  .superRefine((given, context) => {
    const foreign = given.type === 'server_vad' ? (['eagerness'] as const) : SERVER_VAD_FIELDS;
    for (const field of foreign) {
      if (given[field] !== undefined) wrong(context, field, `${given.type} does not have it; leave it out`);
    }
  });

/** Nothing is filtered, and the configuration says so. */
const noiseReductionSchema = z.strictObject({ type: z.enum(['near_field', 'far_field']).optional() });

const audioInputSchema = z
  .strictObject({
    format: formatSchema,
    noise_reduction: noiseReductionSchema.nullable(),
    transcription: transcriptionSchema,
    turn_detection: turnDetectionSchema.nullable(),
  })
  .partial();

const includeSchema = z.array(z.literal(LOG_PROBS)).max(1).nullable();

const eventId = z.string().min(1).max(512).optional();

export const sessionUpdateSchema = z.strictObject({
  type: z.literal('session.update'),
  event_id: eventId,
  session: z.strictObject({
    type: z.literal('transcription'),
    audio: z.strictObject({ input: audioInputSchema.optional() }).optional(),
    include: includeSchema.optional(),
  }),
});

/** As transcription sessions were configured before they were a type of session; SDKs still have it. */
export const LEGACY_FORMATS = ['pcm16', 'g711_ulaw', 'g711_alaw'] as const;
export type LegacyFormat = (typeof LEGACY_FORMATS)[number];

export const legacyUpdateSchema = z.strictObject({
  type: z.literal('transcription_session.update'),
  event_id: eventId,
  session: z
    .strictObject({
      include: includeSchema,
      input_audio_format: z.enum(LEGACY_FORMATS),
      input_audio_noise_reduction: noiseReductionSchema.nullable(),
      input_audio_transcription: transcriptionSchema,
      turn_detection: turnDetectionSchema.nullable(),
    })
    .partial(),
});

export const appendSchema = z.strictObject({
  type: z.literal('input_audio_buffer.append'),
  event_id: eventId,
  audio: z.string(),
});

export const commitSchema = z.strictObject({ type: z.literal('input_audio_buffer.commit'), event_id: eventId });

export const clearSchema = z.strictObject({ type: z.literal('input_audio_buffer.clear'), event_id: eventId });

export type ClientEvent =
  | z.output<typeof sessionUpdateSchema>
  | z.output<typeof legacyUpdateSchema>
  | z.output<typeof appendSchema>
  | z.output<typeof commitSchema>
  | z.output<typeof clearSchema>;
export type SessionUpdate = z.output<typeof sessionUpdateSchema>['session'];
export type LegacyUpdate = z.output<typeof legacyUpdateSchema>['session'];
export type GivenTurnDetection = z.output<typeof turnDetectionSchema>;
export type GivenTranscription = z.output<typeof transcriptionSchema>;

function wrong(context: z.core.$RefinementCtx, field: string, message: string): void {
  context.addIssue({ code: 'custom', path: [field], message });
}
