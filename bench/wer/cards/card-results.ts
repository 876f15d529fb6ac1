import { z } from 'zod';
import { FloraAsrError } from '../../../kernels/errors.ts';

/** Of a document, where NaN is null. */
const rate = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const scoresSchema = z
  .object({
    wer: rate,
    interval: z.tuple([rate, rate]).readonly(),
    utterances: z.int(),
    guardTrips: z.int().nullable(),
    loops: z.int(),
  })
  .readonly();

const setSchema = z.object({
  languages: z.record(
    z.string(),
    z.object({
      base: scoresSchema.optional(),
      adapter: scoresSchema.optional(),
      comparison: z.object({ relative: rate, pValue: rate }).readonly().nullable(),
    }),
  ),
});

/** As much of `summary.json` as a card tells. */
const summarySchema = z.object({
  settings: z.object({ augment: z.string(), beam: z.int().nullable().catch(null) }),
  corpus: z.object({ name: z.string(), split: z.string() }),
  adapters: z.record(z.string(), z.object({ digest: z.string() })),
  all: setSchema,
  spoken: setSchema,
  /** of our engine; a service in a process of its own tells it otherwise, or not at all */
  runtime: z
    .object({ computeType: z.object({ precision: z.string() }) })
    .nullable()
    .catch(null),
});

export type CardScores = z.output<typeof scoresSchema>;

/** An adapter beside the base model, on one language of one corpus. */
export interface CardResult {
  readonly corpus: string;
  readonly split: string;
  readonly telephone: boolean;
  /** that it was computed in; null where it is not told */
  readonly precision: string | null;
  /** hypotheses of each utterance; null where it is not told */
  readonly beam: number | null;
  /** all utterances, or those whose text can have been said in the time */
  readonly set: 'all' | 'spoken';
  readonly language: string;
  readonly base: CardScores;
  readonly adapter: CardScores;
  /** of WER, adapter against base: −0.5 is half the errors */
  readonly relative: number;
  readonly pValue: number;
}

/**
 * What an evaluation says of an adapter: nothing, if it measured others.
 * @param document what `npm run eval -- --json` prints, and `--out` writes as `summary.json`
 * @param source what it is called in errors
 * @param digest the adapter's
 * @throws FloraAsrError `argument_invalid` if it is no such document
 */
export function cardResults(document: unknown, source: string, digest: string): readonly CardResult[] {
  const parsed = summarySchema.safeParse(JSON.parse(JSON.stringify(document))); // as it would be read
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new FloraAsrError('argument_invalid', `${source} is no summary.json of npm run eval. ${problems.join('; ')}`);
  }
  const { settings, corpus, adapters, runtime } = parsed.data;
  const served = Object.keys(adapters).filter((language) => adapters[language]?.digest === digest);
  return served.flatMap((language) =>
    (['all', 'spoken'] as const).flatMap((set) => {
      const { base, adapter, comparison } = parsed.data[set].languages[language] ?? {};
      if (base === undefined || adapter === undefined || !comparison) return [];
      const telephone = settings.augment === 'telephone';
      const precision = runtime?.computeType.precision ?? null;
      const how = { telephone, precision, beam: settings.beam };
      return [{ corpus: corpus.name, split: corpus.split, ...how, set, language, base, adapter, ...comparison }];
    }),
  );
}
