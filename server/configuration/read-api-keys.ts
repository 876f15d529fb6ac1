import { readFileSync } from 'node:fs';
import type { ApiKey } from './settings.ts';

export interface ApiKeySources {
  readonly entries: readonly string[];
  /** where they stand, for messages */
  readonly entriesFrom: string;
  readonly file: string | undefined;
}

interface Entry {
  /** `API_KEYS, entry 2` */
  readonly from: string;
  readonly text: string;
}

/** Fewer could be guessed. */
const LEAST_LENGTH = 16;
const HOW_TO_MAKE_ONE = 'make one with: openssl rand -hex 24';

/**
 * Keys of both sources. A key without a name is `key-1`, `key-2`, … by its place among all.
 * @param problems where to say what is wrong; never with a key in it, nor with a name, which may be half a key
 */
export function readApiKeys({ entries, entriesFrom, file }: ApiKeySources, problems: string[]): readonly ApiKey[] {
  const given: readonly Entry[] = [
    ...entries.map((text, index) => ({ text, from: `${entriesFrom}, entry ${index + 1}` })),
    ...(file === undefined ? [] : linesOf(file, problems)),
  ];
  const keys = given.map(({ text }, index) => parse(text, `key-${index + 1}`));
  keys.forEach(({ name, key }, index) => {
    const from = given[index]?.from;
    const problem = whatIsWrong(name, key);
    if (problem !== null) problems.push(`${from}: ${problem}.`);
    const sameName = keys.findIndex((other) => other.name === name);
    const sameKey = keys.findIndex((other) => other.key === key);
    if (sameName < index) problems.push(`${from} has the same name as ${given[sameName]?.from}; names must differ.`);
    if (sameKey < index) problems.push(`${from} has the same key as ${given[sameKey]?.from}; each client needs its own.`);
  });
  return keys;
}

function linesOf(file: string, problems: string[]): readonly Entry[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .map((line, index) => ({ text: line.replace(/(^|\s)#.*$/, '').trim(), from: `${file}, line ${index + 1}` }))
      .filter(({ text }) => text !== '');
  } catch (cause) {
    problems.push(`The file with API keys cannot be read (API_KEYS_FILE): ${(cause as Error).message}.`);
    return [];
  }
}

function parse(text: string, fallbackName: string): ApiKey {
  const colon = text.indexOf(':');
  if (colon === -1) return { name: fallbackName, key: text };
  return { name: text.slice(0, colon).trim(), key: text.slice(colon + 1).trim() };
}

function whatIsWrong(name: string, key: string): string | null {
  // it stands in logs and in the labels of metrics
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) {
    return 'the name before the colon must be 1 to 64 letters, digits and any of ._@-';
  }
  if (key.length < LEAST_LENGTH) {
    return `the key has ${key.length} characters and must have at least ${LEAST_LENGTH}; ${HOW_TO_MAKE_ONE}`;
  }
  // what an HTTP header and a WebSocket subprotocol can carry
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~=/-]+$/.test(key)) {
    return `the key must be of letters, digits and signs that HTTP headers carry; ${HOW_TO_MAKE_ONE}`;
  }
  return null;
}
