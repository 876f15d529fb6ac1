import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong with a message, in one sentence, and the field it is about: `endpointing.silence_ms`. */
export function describeIssue(
  issues: readonly Issue[],
  message: unknown,
): { readonly message: string; readonly param: string } {
  const first = issues[0]?.path ?? [];
  // of one field's issues the last is the narrowest
  const issue = issues.findLast(({ path }) => nameOf(path) === nameOf(first));
  if (issue === undefined) return { message: 'The message is not valid.', param: '' };
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const param = nameOf([...path, issue.keys[0] ?? '']);
    return { message: `There is no field "${param.slice(0, 60)}"; leave it out, or see whether it is misspelt.`, param };
  }
  const value = valueAt(message, path);
  const param = nameOf(path);
  if (value === undefined) return { message: `${param} is missing; it must be ${expected(issue)}.`, param };
  return { message: `${param} must be ${expected(issue)}, not ${JSON.stringify(value).slice(0, 60)}.`, param };
}

/** What would be right. */
function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_union':
      return UNIONS[issue.path.map(String).join('.')] ?? 'of one of the forms that are documented';
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return `valid: ${issue.message}`;
  }
}

const UNIONS: Readonly<Record<string, string>> = {
  endpointing: 'false, or an object such as {"silence_ms":500}',
  partials: 'true, false, or an object such as {"cadence_ms":200}',
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  boolean: 'true or false',
  array: 'a list',
};

function unitOf(origin: string, count: number | bigint): string {
  if (origin !== 'string') return '';
  return Number(count) === 1 ? ' character long' : ' characters long';
}

function nameOf(path: Path): string {
  return path.map(String).join('.');
}

function valueAt(message: unknown, path: Path): unknown {
  let value = message;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key];
  return value;
}
