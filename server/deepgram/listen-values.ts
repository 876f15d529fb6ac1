import { z } from 'zod';

/*
 * What the texts of a query mean. Messages are the second half of a sentence: "endpointing must be …".
 */

export const flag = z.enum(['true', 'false'], 'true or false').transform((value) => value === 'true');

export function wholeNumber(least: number, most: number) {
  return limited(/^\d{1,9}$/, `a whole number from ${least} to ${most}`, least, most);
}

export function decimal(least: number, most: number) {
  return limited(/^\d{1,9}(\.\d{1,9})?$/, `a number from ${least} to ${most}`, least, most);
}

/** Words and phrases, each given once. */
export const phrases = z.array(z.string().trim().min(1, 'a word or phrase').max(200, 'at most 200 characters long'));

export const languageTag = z.string().trim().min(1, 'a BCP-47 tag such as el').max(35, 'a BCP-47 tag such as el');

function limited(form: RegExp, what: string, least: number, most: number) {
  return z
    .string()
    .regex(form, what)
    .transform(Number)
    .refine((value) => value >= least && value <= most, what);
}
