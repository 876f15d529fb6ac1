import { availableParallelism } from 'node:os';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { TUXPAINT_LANGUAGES } from '../corpora/tuxpaint-stamps.ts';

/** A count as it comes from the command line. */
export function countOption(most: number, least = 1): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(least, `expected at least ${least}`).max(most, `expected at most ${most}`));
}

/** Those that WER is promised for. */
export const PROMISED_LANGUAGES = ['bg', 'ca', 'el', 'ro', 'ru', 'es'] as const;

/** Options that every bench over the corpus has. */
export const commonSchema = z.object({
  model: z.string().default('whisper-base'),
  languages: z
    .string()
    .transform((list) => list.split(',').map((language) => language.trim()))
    .pipe(z.array(z.enum(TUXPAINT_LANGUAGES)).min(1))
    .default([...TUXPAINT_LANGUAGES]),
  threads: countOption(1024).default(availableParallelism()),
});

export const COMMON_FLAGS = {
  model: { type: 'string' },
  languages: { type: 'string' },
  utterances: { type: 'string' },
  threads: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const COMMON_HELP = `  --languages LIST      of ${TUXPAINT_LANGUAGES.join(',')}; all if left out
  --model NAME          a catalogue name or a folder; whisper-base if left out
  --threads N           of each side; all cores if left out`;

/**
 * Reads a bench's own options.
 * @throws FloraAsrError `argument_invalid`, naming the flag
 */
export function readOptions<Schema extends z.ZodType>(
  args: readonly string[],
  flags: NonNullable<ParseArgsConfig['options']>,
  schema: Schema,
): z.output<Schema> {
  const { values } = parseArgs({ args: [...args], options: flags });
  const camelCased = Object.entries(values).map(([flag, value]) => [
    flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const parsed = schema.safeParse(Object.fromEntries(camelCased));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `--${kebabCased(String(path[0]))}: ${message}`);
  throw new FloraAsrError('argument_invalid', problems.join('; '));
}

function kebabCased(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
