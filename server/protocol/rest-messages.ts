import { z } from 'zod';

/* What REST answers, but for recordings: models, the state of the service, errors. */

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
      waiting: count.describe('of those in the engine, those that wait for the encoder, or are in it'),
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
