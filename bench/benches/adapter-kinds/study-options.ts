import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { LearnerKind } from '../../../adapters/training/parameter-layout.ts';
import { TUXPAINT_LANGUAGES } from '../../corpora/tuxpaint-stamps.ts';
import { countOption, PROMISED_LANGUAGES } from '../options.ts';
import { KINDS } from './study-recipe.ts';

/** A list as it comes from the command line: `1,2,3`. */
function listOption<Value>(item: z.ZodType<Value, string>) {
  return z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim()))
    .refine((list) => new Set(list).size === list.length, 'expected each one once')
    .pipe(z.array(item).min(1));
}

/** `3` for every kind, `lora=10` for one. */
const rateFactor = z
  .string()
  .regex(/^(\w+=)?[^=]+$/, 'expected numbers such as 1,3 or kinds with theirs, lora=10')
  .transform((text) => {
    const [factor, kind = null] = text.split('=').reverse();
    return { kind, factor: Number(factor) };
  })
  .pipe(z.object({ kind: z.enum(KINDS).nullable(), factor: z.number('expected numbers such as 1,3').positive() }));

export const studyOptionsSchema = z.object({
  kinds: listOption(z.enum(KINDS)).default([...KINDS]),
  // 0 is the seed that learning rates are chosen with
  seeds: listOption(countOption(2 ** 31 - 1)).default([1, 2, 3]),
  languages: listOption(z.enum(TUXPAINT_LANGUAGES)).default([...PROMISED_LANGUAGES]),
  limit: countOption(1_000_000).default(300),
  epochs: countOption(1_000).default(3),
  rateFactors: listOption(rateFactor).default([{ kind: null, factor: 1 }]),
  testLimit: countOption(1_000_000).optional(),
  model: z.string().default('whisper-base'),
  threads: countOption(1024).default(availableParallelism()),
  markdown: z.boolean().default(false),
});
export type StudyOptions = z.output<typeof studyOptionsSchema>;

/** By which the paper's learning rate of a kind is multiplied: its own, if some were given, else those of every kind. */
export function rateFactorsOf(kind: LearnerKind, { rateFactors }: Pick<StudyOptions, 'rateFactors'>): readonly number[] {
  const own = rateFactors.filter((one) => one.kind === kind);
  const used = own.length > 0 ? own : rateFactors.filter((one) => one.kind === null);
  return used.length > 0 ? used.map(({ factor }) => factor) : [1];
}

export const STUDY_FLAGS = {
  kinds: { type: 'string' },
  seeds: { type: 'string' },
  languages: { type: 'string' },
  limit: { type: 'string' },
  epochs: { type: 'string' },
  'rate-factors': { type: 'string' },
  'test-limit': { type: 'string' },
  model: { type: 'string' },
  threads: { type: 'string' },
  markdown: { type: 'boolean' },
} as const;

export const STUDY_HELP = `FLoRA, (IA)³ and LoRA trained on the same data, which is what the FLoRA paper (arXiv 2312.05677) compares for Whisper, with
the base model at full context beside them. FLoRA and LoRA have rank 1 at every linear layer, and so the same number
of parameters; (IA)³ trains half as many: the outputs' factors alone.

A cell is a kind at a seed: one training of all languages in mixed batches, then the test split of Tux Paint, those
utterances whose text can have been said in the time, through the engine in fp32, each adapter at its own context,
guards on. All cells learn from the same utterances, equally often; those of one seed have the same batches in the
same order. No cell ends early, and the parameters of its last step are what is measured. Learning rates are the
paper's, unless --rate-factors has them chosen.

Trained adapters, and what was heard with them, are kept in the cache below studies/adapter-kinds. What is finished is
not computed again, and an interrupted training goes on from its last checkpoint. What is heard is heard again when
the engine's own code has changed.

Options:
  --kinds LIST          of ${KINDS.join(',')}; all if left out
  --seeds LIST          1,2,3 if left out
  --languages LIST      of ${TUXPAINT_LANGUAGES.join(',')}; bg,ca,el,ro,ru,es if left out
  --limit N             training utterances of each language; 300 if left out
  --epochs N            passes over them; 3 if left out
  --rate-factors LIST   the paper's learning rate of each kind is tried times each of these, in a training of its own
                        with seed 0, and the one with the lowest dev WER is taken; 1 if left out: the paper's. A kind
                        may have factors of its own: 1,lora=10
  --test-limit N        test utterances of each language, to try it out; all if left out
  --model NAME          a catalogue name or a folder; whisper-base if left out
  --threads N           all cores if left out
  --markdown            tables as docs/evaluation.md has them
`;
