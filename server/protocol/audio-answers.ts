import { z } from 'zod';
import { adapterDescriptionSchema } from './stream-messages.ts';

/* What REST answers about recordings, in the forms of OpenAI's, with a few fields of our own. */

const seconds = z.number().min(0).describe('in seconds');

export const usageSchema = z.strictObject({ type: z.literal('duration'), seconds });

const sharedAdapterSchema = adapterDescriptionSchema
  .nullable()
  .optional()
  .describe('what decoded all of it; null: the base model; left out where there are several, or no speech');

export const logProbSchema = z
  .strictObject({
    token: z.string().describe('U+FFFD stands for a part of a character'),
    bytes: z.array(z.int().min(0).max(255)).describe('of UTF-8'),
    logprob: z.number().describe('natural logarithm'),
  })
  .describe('A token and how probable it was.');
export type LogProb = z.output<typeof logProbSchema>;

const logProbsSchema = z.array(logProbSchema).optional().describe('with include[]=logprobs');

const languagesSchema = z
  .array(z.strictObject({ code: z.string().describe('a BCP-47 tag') }))
  .optional()
  .describe('that were found, what most was said in first; none where nobody speaks; left out where the request says it');

export const transcriptionSchema = z
  .strictObject({
    text: z.string(),
    languages: languagesSchema,
    logprobs: logProbsSchema,
    usage: usageSchema,
    adapter: sharedAdapterSchema,
  })
  .describe('response_format=json');
export type TranscriptionBody = z.output<typeof transcriptionSchema>;

export const wordSchema = z
  .strictObject({ word: z.string().describe('with its punctuation'), start: seconds, end: seconds })
  .describe('A word.');

export const segmentSchema = z
  .strictObject({
    id: z.int().min(0),
    seek: z.int().min(0).describe('of the start, in units of 10 ms'),
    start: seconds,
    end: seconds,
    text: z.string().describe('empty, if what sounded like speech has no words'),
    tokens: z.array(z.int()),
    temperature: z.number().min(0).max(1).describe('that its words were found at'),
    avg_logprob: z.number().describe('of the tokens, end-of-text included; 0 without text'),
    compression_ratio: z.number().describe('bytes of the text over bytes deflated; 0 without text'),
    no_speech_prob: z.number().min(0).max(1),
    language: z.string().describe('that it was decoded in, as a BCP-47 tag'),
    channel: z.int().min(0).describe('0 where channels were mixed'),
    adapter: adapterDescriptionSchema.nullable().describe('what decoded it; null: the base model'),
  })
  .describe('One utterance.');

export const verboseTranscriptionSchema = z
  .strictObject({
    task: z.enum(['transcribe', 'translate']),
    language: z
      .string()
      .describe("the language's English name: greek; what most was said in, if it was found; english of a translation"),
    duration: seconds,
    text: z.string(),
    segments: z.array(segmentSchema).optional().describe('by channel, then by time; left out where words alone were asked for'),
    words: z.array(wordSchema).optional().describe('by channel, then by time; with timestamp_granularities[]=word'),
    usage: usageSchema,
    adapter: sharedAdapterSchema,
  })
  .describe('response_format=verbose_json');
export type VerboseTranscriptionBody = z.output<typeof verboseTranscriptionSchema>;

export const diarizedSegmentSchema = z
  .strictObject({
    type: z.literal('transcript.text.segment'),
    id: z.string(),
    start: seconds,
    end: seconds,
    text: z.string(),
    speaker: z.string().describe('A speaks on the first channel, B on the second'),
  })
  .describe('What a speaker says.');
export type DiarizedSegment = z.output<typeof diarizedSegmentSchema>;

export const diarizedTranscriptionSchema = z
  .strictObject({
    task: z.literal('transcribe'),
    duration: seconds,
    text: z.string().describe('a line for each segment, with its speaker'),
    segments: z.array(diarizedSegmentSchema).describe('by time'),
    usage: usageSchema,
    adapter: sharedAdapterSchema,
  })
  .describe('response_format=diarized_json');
export type DiarizedTranscriptionBody = z.output<typeof diarizedTranscriptionSchema>;

export const textDeltaSchema = z.strictObject({
  type: z.literal('transcript.text.delta'),
  delta: z.string().describe('all deltas, joined, are the text'),
  logprobs: logProbsSchema,
  segment_id: z.string().optional().describe('with diarized_json'),
});

export const textDoneSchema = z.strictObject({
  type: z.literal('transcript.text.done'),
  text: z.string().describe('all of it; channels that were kept apart by time'),
  languages: languagesSchema,
  logprobs: logProbsSchema,
  usage: usageSchema,
  adapter: sharedAdapterSchema,
});

export const transcriptionEventSchema = z
  .discriminatedUnion('type', [textDeltaSchema, diarizedSegmentSchema, textDoneSchema])
  .describe(
    'The data of a server-sent event, with stream=true; `[DONE]` is the last. A failure in between is an `error` event.',
  );
export type TranscriptionEvent = z.output<typeof transcriptionEventSchema>;
