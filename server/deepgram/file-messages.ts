import { z } from 'zod';
import { metadataSchema, wordSchema } from './messages.ts';

/*
 * What `POST /v1/listen` answers, as @deepgram/sdk 5.13 has it (`ListenV1Response`).
 */

const seconds = z.number().min(0);
const probability = z.number().min(0).max(1);

const paragraphsSchema = z.object({
  transcript: z.string(),
  paragraphs: z.array(
    z.object({
      sentences: z.array(z.object({ text: z.string(), start: seconds, end: seconds })),
      num_words: z.int().min(0),
      start: seconds,
      end: seconds,
    }),
  ),
});

export const fileAnswerSchema = z.object({
  metadata: metadataSchema.omit({ type: true }).extend({ tags: z.array(z.string()).optional() }),
  results: z.object({
    channels: z.array(
      z.object({
        alternatives: z
          .array(
            z.object({
              transcript: z.string(),
              confidence: probability.describe('0 without words'),
              words: z.array(wordSchema),
              paragraphs: paragraphsSchema.optional(),
            }),
          )
          .length(1),
        detected_language: z.string().optional().describe('that most of the channel was decoded in; if it was to be found'),
      }),
    ),
    utterances: z
      .array(
        z.object({
          id: z.string(),
          start: seconds,
          end: seconds,
          confidence: probability,
          channel: z.int().min(0),
          transcript: z.string(),
          words: z.array(wordSchema),
        }),
      )
      .optional(),
  }),
});
export type FileAnswer = z.output<typeof fileAnswerSchema>;
