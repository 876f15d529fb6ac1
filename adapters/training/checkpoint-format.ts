import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';

const count = z.int().min(0);
const rate = z.number().min(0);

const checkpointSchema = z
  .strictObject({
    formatVersion: z.literal(1, 'this program reads formatVersion 1'),
    /** beside this file; its name holds the digest, so that an older one is never overwritten */
    tensors: z.strictObject({ file: z.string().regex(/^tensors-[0-9a-f]{16}\.safetensors$/), digest: z.string() }).readonly(),
    /** of the whole run, as its command takes it */
    recipe: z.record(z.string(), z.unknown()),
    step: count,
    stepInEpoch: count,
    epoch: count,
    measuredStep: count.nullable(),
    measurementsWithoutGain: count,
    learners: z
      .array(
        z
          .strictObject({
            name: z.string(),
            averaged: z.boolean(),
            updates: count,
            skipsInARow: count,
            best: z.strictObject({ wer: rate, step: count, epoch: count }).readonly().nullable(),
          })
          .readonly(),
      )
      .readonly(),
    history: z
      .strictObject({
        losses: z
          .array(z.strictObject({ step: count, losses: z.array(z.number().nullable()).readonly() }).readonly())
          .readonly(),
        measurements: z
          .array(z.strictObject({ step: count, epoch: count, wers: z.array(rate).readonly() }).readonly())
          .readonly(),
      })
      .readonly(),
  })
  .readonly();

/** The contents of `checkpoint.json`; numbers come back exactly as they were. */
export type CheckpointFile = z.output<typeof checkpointSchema>;

/**
 * @param source what the text is called in errors, e.g. its path
 * @throws FloraAsrError `checkpoint_invalid`, naming every field that is wrong
 */
export function parseCheckpoint(text: string, source: string): CheckpointFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FloraAsrError('checkpoint_invalid', `${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = checkpointSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new FloraAsrError('checkpoint_invalid', `${source} is no checkpoint of a training run. ${problems.join('; ')}.`);
}
