import { z } from 'zod';
import { DELAYS, EAGERNESSES, LEGACY_FORMATS, LOG_PROBS, PCM_RATE_HZ } from './client-events.ts';

/* What a client of `/v1/realtime` is told: OpenAI's events, and two fields of our own in `completed`. */

const itemId = z.string();
const milliseconds = z.int().min(0);
const contentIndex = z.literal(0);

const transcriptionSchema = z.strictObject({
  model: z.string().exactOptional(),
  language: z.string().exactOptional(),
  languages: z.array(z.string()).exactOptional(),
  prompt: z.string().exactOptional(),
  keywords: z.array(z.string()).exactOptional(),
  delay: z.enum(DELAYS),
});

const turnDetectionSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('server_vad'),
    threshold: z.number(),
    prefix_padding_ms: z.int(),
    silence_duration_ms: z.int(),
  }),
  z.strictObject({ type: z.literal('semantic_vad'), eagerness: z.enum(EAGERNESSES) }),
]);

const formatSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(PCM_RATE_HZ) }),
  z.strictObject({ type: z.literal('audio/pcmu') }),
  z.strictObject({ type: z.literal('audio/pcma') }),
]);

const includeSchema = z.array(z.literal(LOG_PROBS));

export const sessionSchema = z.strictObject({
  id: z.string(),
  object: z.literal('realtime.transcription_session'),
  type: z.literal('transcription'),
  audio: z.strictObject({
    input: z.strictObject({
      format: formatSchema,
      noise_reduction: z.null(),
      transcription: transcriptionSchema,
      turn_detection: turnDetectionSchema.nullable(),
    }),
  }),
  include: includeSchema,
});

export const legacySessionSchema = z.strictObject({
  id: z.string(),
  object: z.literal('realtime.transcription_session'),
  input_audio_format: z.enum(LEGACY_FORMATS),
  input_audio_noise_reduction: z.null(),
  input_audio_transcription: transcriptionSchema,
  turn_detection: turnDetectionSchema.nullable(),
  include: includeSchema,
});

/** The audio of a turn, as an item of OpenAI's conversations. */
const itemSchema = z.strictObject({
  id: itemId,
  object: z.literal('realtime.item'),
  type: z.literal('message'),
  status: z.literal('completed'),
  role: z.literal('user'),
  content: z.array(z.strictObject({ type: z.literal('input_audio') })),
});

export const logProbSchema = z.strictObject({
  token: z.string(),
  bytes: z.array(z.int().min(0).max(255)),
  logprob: z.number().max(0),
});

const adapterSchema = z.strictObject({ name: z.string(), version: z.string(), digest: z.string() });

const sessionCreated = z.strictObject({ type: z.literal('session.created'), session: sessionSchema });
const sessionUpdated = z.strictObject({ type: z.literal('session.updated'), session: sessionSchema });
const legacyUpdated = z.strictObject({ type: z.literal('transcription_session.updated'), session: legacySessionSchema });

const speechStarted = z
  .strictObject({ type: z.literal('input_audio_buffer.speech_started'), audio_start_ms: milliseconds, item_id: itemId })
  .describe('Somebody began to speak; the padding before it counts.');
const speechStopped = z
  .strictObject({ type: z.literal('input_audio_buffer.speech_stopped'), audio_end_ms: milliseconds, item_id: itemId })
  .describe('A pause has ended the turn. Not told where a commit has.');
const committed = z.strictObject({
  type: z.literal('input_audio_buffer.committed'),
  item_id: itemId,
  previous_item_id: itemId.nullable(),
});
const cleared = z.strictObject({ type: z.literal('input_audio_buffer.cleared') });

const itemAdded = z.strictObject({
  type: z.literal('conversation.item.added'),
  previous_item_id: itemId.nullable(),
  item: itemSchema,
});
const itemDone = z.strictObject({
  type: z.literal('conversation.item.done'),
  previous_item_id: itemId.nullable(),
  item: itemSchema,
});

const delta = z
  .strictObject({
    type: z.literal('conversation.item.input_audio_transcription.delta'),
    item_id: itemId,
    content_index: contentIndex,
    delta: z.string().min(1),
  })
  .describe('More of the transcript; what was told does not change. All of an item, joined, are its transcript.');
const completed = z.strictObject({
  type: z.literal('conversation.item.input_audio_transcription.completed'),
  item_id: itemId,
  content_index: contentIndex,
  transcript: z.string().describe('empty, if nobody spoke'),
  usage: z.strictObject({ type: z.literal('duration'), seconds: z.number().min(0) }),
  logprobs: z.array(logProbSchema).exactOptional(),
  languages: z.array(z.strictObject({ code: z.string() })).describe('that it was decoded in'),
  adapters: z.array(adapterSchema.nullable()).describe('that decoded it; null: the base model'),
});
const failed = z.strictObject({
  type: z.literal('conversation.item.input_audio_transcription.failed'),
  item_id: itemId,
  content_index: contentIndex,
  error: z.strictObject({ type: z.string(), code: z.string(), message: z.string(), param: z.string().exactOptional() }),
});

const error = z
  .strictObject({
    type: z.literal('error'),
    error: z.strictObject({
      type: z.string(),
      code: z.string().describe('stable: programs may decide by it'),
      message: z.string(),
      param: z.string().nullable().describe('the field that is wrong'),
      event_id: z.string().nullable().describe('of the client event that is wrong, if it has one'),
    }),
  })
  .describe('Something went wrong; the session stays open, unless the connection is closed after this.');

export const serverEventSchema = z.discriminatedUnion('type', [
  sessionCreated,
  sessionUpdated,
  legacyUpdated,
  speechStarted,
  speechStopped,
  committed,
  cleared,
  itemAdded,
  itemDone,
  delta,
  completed,
  failed,
  error,
]);

/** As it is told; the wire adds `event_id`. */
export type ServerEvent = z.output<typeof serverEventSchema>;
export type ServerEventType = ServerEvent['type'];
export type TranscriptionSession = z.output<typeof sessionSchema>;
export type LegacySession = z.output<typeof legacySessionSchema>;
export type LogProb = z.output<typeof logProbSchema>;
