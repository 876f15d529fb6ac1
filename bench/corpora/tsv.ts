/** One line of a table. */
export interface TsvLine {
  /** in its file; the first is 1 */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The lines of a table whose fields are separated by tabs; empty lines are skipped. A field in double quotes, with those
 * inside it doubled, is taken out of them; elsewhere a double quote is a character like any other.
 */
export function parseTsv(text: string): readonly TsvLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ line: i + 1, fields: line.split('\t').map(unquoted) }))
    .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
}

function unquoted(field: string): string {
  const [, inner] = /^"((?:[^"]|"")*)"$/.exec(field) ?? [];
  return inner === undefined ? field : inner.replaceAll('""', '"');
}

/**
 * A table with a line of names at its top.
 * @returns for each other line its fields by name, lower case; null in place of them if their number is another
 */
export function parseNamedTsv(text: string): {
  readonly names: readonly string[];
  readonly lines: readonly { readonly line: number; readonly fields: ReadonlyMap<string, string> | null }[];
} {
  const [top, ...rest] = parseTsv(text);
  const names = (top?.fields ?? []).map((name) => name.trim().toLowerCase());
  const lines = rest.map(({ line, fields }) => ({
    line,
    fields: fields.length === names.length ? new Map(names.map((name, i) => [name, fields[i] ?? ''])) : null,
  }));
  return { names, lines };
}
