import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

/* What options of commands mean that several of them have. */

/** As streams have it. */
const LEAST_SILENCE_MS = 100;
const MOST_SILENCE_MS = 10_000;

/** `undefined`: the language decides; null: the base model. */
export function adapterOf(name: string): string | null | undefined {
  if (name === 'auto') return undefined;
  return name === 'none' ? null : name;
}

/** @throws FloraAsrError `argument_invalid` */
export function endpointingOf(value: string): Endpointing {
  if (value === 'off') return 'off';
  if (value === 'on') return DEFAULT_ENDPOINTING;
  const silenceMs = Number(value);
  if (Number.isInteger(silenceMs) && silenceMs >= LEAST_SILENCE_MS && silenceMs <= MOST_SILENCE_MS) {
    return { ...DEFAULT_ENDPOINTING, silenceMs };
  }
  const range = `a number of milliseconds from ${LEAST_SILENCE_MS} to ${MOST_SILENCE_MS}`;
  throw new FloraAsrError('argument_invalid', `--endpointing is on, off, or ${range}, not "${value}"`);
}

/** @throws FloraAsrError `argument_invalid` */
export function oneOf<const Choice extends string>(flag: string, value: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new FloraAsrError('argument_invalid', `${flag} is one of ${choices.join(', ')}, not "${value}"`);
}

/** @throws FloraAsrError `argument_invalid` */
export function wholeNumber(flag: string, value: string, most = 1024): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new FloraAsrError('argument_invalid', `${flag} is a whole number from 1 to ${most}, not "${value}"`);
}
