/*
 * As much of Markdown as model cards have: headings, paragraphs, lists, tables, indented code; code and emphasis within
 * lines. What it does not know stays text. No HTML: what a card says is shown, never run.
 */

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly text: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Span[])[];
      readonly rows: readonly (readonly (readonly Span[])[])[];
    };

export interface Span {
  readonly kind: 'text' | 'code' | 'strong';
  readonly text: string;
}

/** @param markdown a front matter of YAML is passed over */
export function parseMarkdown(markdown: string): readonly Block[] {
  const lines = withoutFrontMatter(markdown.replaceAll('\r\n', '\n')).split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const { block, next } = blockAt(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

function withoutFrontMatter(markdown: string): string {
  return markdown.replace(/^---\n[\s\S]*?\n---\n/, '');
}

interface Parsed {
  readonly block: Block | null;
  readonly next: number;
}

function blockAt(lines: readonly string[], at: number): Parsed {
  const line = lines[at] ?? '';
  if (line.trim() === '') return { block: null, next: at + 1 };
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading !== null) {
    return { block: { kind: 'heading', level: heading[1]?.length ?? 1, text: spansOf(heading[2] ?? '') }, next: at + 1 };
  }
  if (line.startsWith('|')) return tableAt(lines, at);
  if (isItem(line)) return listAt(lines, at);
  if (line.startsWith('    ')) return codeAt(lines, at);
  const next = endOf(lines, at + 1, (other) => other.trim() !== '' && !/^(#{1,6} |\||[-*] )/.test(other));
  return { block: { kind: 'paragraph', text: spansOf(lines.slice(at, next).join(' ')) }, next };
}

function tableAt(lines: readonly string[], at: number): Parsed {
  const next = endOf(lines, at, (line) => line.startsWith('|'));
  const rows = lines.slice(at, next).map(cellsOf);
  const [head = [], ...body] = rows;
  const isRule = (row: readonly string[]) => row.every((cell) => /^:?-+:?$/.test(cell));
  return {
    block: { kind: 'table', head: head.map(spansOf), rows: body.filter((row) => !isRule(row)).map((row) => row.map(spansOf)) },
    next,
  };
}

function listAt(lines: readonly string[], at: number): Parsed {
  const next = endOf(lines, at, (line) => isItem(line) || /^ +\S/.test(line));
  const items: string[] = [];
  for (const line of lines.slice(at, next)) {
    if (isItem(line)) items.push(line.replace(/^[-*] +/, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return { block: { kind: 'list', items: items.map(spansOf) }, next };
}

function codeAt(lines: readonly string[], at: number): Parsed {
  const next = endOf(lines, at, (line) => line.startsWith('    '));
  return {
    block: {
      kind: 'code',
      text: lines
        .slice(at, next)
        .map((line) => line.slice(4))
        .join('\n'),
    },
    next,
  };
}

/** The first line from there on that does not belong. */
function endOf(lines: readonly string[], from: number, belongs: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index >= from && !belongs(line));
  return end === -1 ? lines.length : end;
}

function isItem(line: string): boolean {
  return /^[-*] +\S/.test(line);
}

function cellsOf(line: string): readonly string[] {
  const inner = line.trim().replace(/^\||\|$/g, '');
  return inner.split('|').map((cell) => cell.trim());
}

function spansOf(text: string): readonly Span[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).flatMap((part): readonly Span[] => {
    if (part === '') return [];
    if (part.startsWith('`') && part.length > 2) return [{ kind: 'code', text: part.slice(1, -1) }];
    if (part.startsWith('**') && part.length > 4) return [{ kind: 'strong', text: part.slice(2, -2) }];
    return [{ kind: 'text', text: linkText(part) }];
  });
}

/** A card's links lead to folders of its repository, which are not here. */
function linkText(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}

export function plainText(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join('');
}
