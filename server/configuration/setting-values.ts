import { z } from 'zod';

/*
 * What settings may be. Each takes text, as the environment has it, and JSON values, as the file has them; and each
 * says in one sentence what would be right, whatever is wrong.
 */

export function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.preprocess(numberOf, z.number({ error }).int({ error }).min(least, { error }).max(most, { error }));
}

export function seconds(least: number, most: number) {
  const error = `must be a number of seconds from ${least} to ${most}`;
  return z.preprocess(numberOf, z.number({ error }).min(least, { error }).max(most, { error }));
}

export function text(what: string) {
  const error = `must be ${what}`;
  return z.string({ error }).trim().min(1, { error });
}

export function oneOf<const Choice extends string>(choices: readonly [Choice, ...Choice[]]) {
  return z.enum(choices, { error: `must be one of ${choices.join(', ')}` });
}

export function yesOrNo() {
  const error = 'must be true or false';
  const flag = z.stringbool();
  return z.preprocess((value) => (typeof value === 'string' ? flag.safeParse(value.trim()).data : value), z.boolean({ error }));
}

/** `a,b`, or a list of strings. */
export function list(what: string, isEntry: (entry: string) => boolean = () => true) {
  const error = `must be ${what}, separated by commas (in a file, a list of strings)`;
  const entry = z.string({ error }).trim().min(1, { error }).refine(isEntry, { error });
  return z.preprocess((value) => (typeof value === 'string' ? entriesOf(value) : value), z.array(entry, { error }));
}

/** `key=value,key=value`, or an object of strings. */
export function map(what: string) {
  const error = `must be ${what}, separated by commas (in a file, an object of strings)`;
  const word = z.string({ error }).trim().min(1, { error });
  return z.preprocess((value) => (typeof value === 'string' ? pairsOf(value) : value), z.record(word, word, { error }));
}

/** Without JavaScript's other notations, and without its reading of nothing as 0. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

function entriesOf(joined: string): readonly string[] {
  return joined
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** @returns null if it is no list of pairs, or names one key twice */
function pairsOf(joined: string): Readonly<Record<string, string>> | null {
  const pairs = entriesOf(joined).map((pair) => pair.split('='));
  const keys = new Set(pairs.map(([key = '']) => key.trim()));
  if (keys.size < pairs.length || pairs.some(({ length }) => length !== 2)) return null;
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), value.trim()]));
}
