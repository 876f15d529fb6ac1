import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DEFAULT_BEAM_SIZES, WIDEST_BEAM } from '../../asr/engine/beam-sizes.ts';
import { countOption } from '../benches/options.ts';
import { SPLITS } from '../corpora/corpus.ts';

const name = z.string().min(1, 'expected a name');

export const evalOptionsSchema = z
  .object({
    corpus: name.default('tuxpaint'),
    languages: z
      .string()
      .transform((list) => list.split(',').map((language) => language.trim()))
      .pipe(z.array(z.string().regex(/^[a-z]{2,3}$/, 'expected codes such as el,ro,ru')).min(1))
      .optional(),
    language: name.optional(),
    split: z.enum(SPLITS).default('test'),
    limit: countOption(1_000_000).optional(),
    model: name.default('whisper-base'),
    adapters: name.optional(),
    adapter: name.optional(),
    noBase: z.boolean().default(false),
    context: z.enum(['own', 'full']).default('own'),
    beam: countOption(WIDEST_BEAM).optional(),
    computeType: z.enum(['auto', 'int8', 'fp32']).default('auto'),
    threads: countOption(1024).default(availableParallelism()),
    augment: z.enum(['none', 'telephone']).default('none'),
    live: z.boolean().default(false),
    url: z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:8080/v1' }).optional(),
    urlModel: name.default('whisper-1'),
    apiKey: name.default('none'),
    peers: z.enum(['none', 'faster-whisper']).default('none'),
    out: name.optional(),
    worst: countOption(1_000, 0).default(10),
    cards: z.boolean().default(false),
    cardExtra: z.array(name).default([]),
    noCache: z.boolean().default(false),
    seed: countOption(2 ** 31 - 1, 0).default(1),
    resamples: countOption(1_000_000, 100).default(1_000),
  })
  .refine(({ live, context }) => !(live && context === 'full'), {
    path: ['context'],
    error: 'the service takes the context from the adapter; leave --context out with --live',
  })
  .refine(({ cards, adapters }) => !cards || (adapters !== undefined && adapters !== 'none'), {
    path: ['cards'],
    error: 'name the folder of the adapters, in which the cards go, with --adapters',
  })
  .refine((options) => !options.cards || isWholeTest(options), {
    path: ['cards'],
    error:
      'a card tells of all of the test split, with base and adapter as they are used: leave out --split, --limit, --no-base, --context, --augment and --live',
  })
  .refine(({ cards, cardExtra }) => cards || cardExtra.length === 0, { path: ['cardExtra'], error: 'goes with --cards' })
  .transform(({ beam, ...options }) => ({
    ...options,
    beam: beam ?? (options.live ? DEFAULT_BEAM_SIZES.live : DEFAULT_BEAM_SIZES.file),
  }));
export type EvalOptions = z.output<typeof evalOptionsSchema>;

function isWholeTest(options: {
  readonly split: string;
  readonly limit?: number | undefined;
  readonly noBase: boolean;
  readonly context: string;
  readonly augment: string;
  readonly live: boolean;
}): boolean {
  const { split, limit, noBase, context, augment, live } = options;
  return split === 'test' && limit === undefined && !noBase && context === 'own' && augment === 'none' && !live;
}

export const EVAL_FLAGS = {
  corpus: { type: 'string' },
  languages: { type: 'string' },
  language: { type: 'string' },
  split: { type: 'string' },
  limit: { type: 'string' },
  model: { type: 'string' },
  adapters: { type: 'string' },
  adapter: { type: 'string' },
  'no-base': { type: 'boolean' },
  context: { type: 'string' },
  beam: { type: 'string' },
  'compute-type': { type: 'string' },
  threads: { type: 'string' },
  augment: { type: 'string' },
  live: { type: 'boolean' },
  url: { type: 'string' },
  'url-model': { type: 'string' },
  'api-key': { type: 'string' },
  peers: { type: 'string' },
  out: { type: 'string' },
  worst: { type: 'string' },
  cards: { type: 'boolean' },
  'card-extra': { type: 'string', multiple: true },
  'no-cache': { type: 'boolean' },
  seed: { type: 'string' },
  resamples: { type: 'string' },
} as const;

export const EVAL_HELP = `Word error rates: the base model at full context and adapters at their own, side by side, on the same utterances,
with intervals, significance and what else went wrong. docs/evaluation.md says what each number means.

Usage: npm run eval -- [options]

What is heard:
  --corpus NAME|PATH    a corpus that was pulled, or a folder or manifest of one's own; tuxpaint if left out
  --languages LIST      codes such as el,ro,ru; all of the corpus if left out
  --language CODE       what is spoken, where a manifest does not say
  --split SPLIT         train, dev or test; test if left out
  --limit N             the first N of each language by audio path
  --augment HOW         none, or telephone: 300 to 3,400 Hz, 8-bit µ-law; none if left out

Who hears:
  --adapters DIR        a folder of adapters, or one adapter; the published ones if left out; none: base only
  --adapter NAME        this one for all languages, in place of each language's own; its own language if
                        --languages is left out
  --no-base             leave the base model out
  --model NAME          a catalogue name or a folder; whisper-base if left out
  --context own|full    of rows with an adapter; own if left out
  --beam N              hypotheses side by side, 1 to ${WIDEST_BEAM}; as the service has it if left out: ${DEFAULT_BEAM_SIZES.file}, or ${DEFAULT_BEAM_SIZES.live} with --live
  --compute-type TYPE   auto, int8 or fp32; auto if left out
  --threads N           all cores if left out
  --live                through a service and its WebSocket, in real time, with latencies
  --peers WHO           faster-whisper: in int8, greedy and with its defaults, over the same weights; installs Python
                        packages into the cache. none if left out
  --url URL             also a service with an OpenAI-compatible API, e.g. http://127.0.0.1:8080/v1
  --url-model NAME      whisper-1 if left out
  --api-key KEY         for --url

What comes of it:
  --out DIR             writes report.html, utterances.jsonl, summary.json, and the worst recordings to listen to
  --worst N             in the report, of each language; 10 if left out
  --cards               writes a model card, README.md, beside each adapter that was measured, of those in --adapters
  --card-extra FILE     the summary.json of another evaluation of the same adapters, for their cards; may be given
                        several times
  --json                one JSON document on standard output, everything else on standard error
  --seed N              of resampling; 1 if left out
  --resamples N         1000 if left out
  --no-cache            hear everything again, and keep nothing
  --help                this text

The cache is $FLORA_ASR_CACHE, or flora-asr below $XDG_CACHE_HOME or ~/.cache. Texts lie in its folder transcripts.
`;
