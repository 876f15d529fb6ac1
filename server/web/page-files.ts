import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the page, in memory: the page is small. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** compressed when the page was built, by the name of the encoding */
  readonly encoded: ReadonlyMap<'br' | 'gzip', Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.ogg': 'audio/ogg',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** A licence has a name without an ending. */
const PLAIN = 'text/plain; charset=utf-8';
const ENCODINGS = { '.br': 'br', '.gz': 'gzip' } as const;

/**
 * Everything in the page's folder, by its path below it, such as `assets/index-1a2b3c.js`.
 * @returns null if the page has not been built
 */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> | null {
  if (!existsSync(path.join(folder, 'index.html'))) return null;
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  const present = new Set(names);
  const plain = names.filter((name) => !(path.extname(name) in ENCODINGS));
  return new Map(plain.map((name) => [name, readPageFile(folder, name, present)]));
}

function readPageFile(folder: string, name: string, present: ReadonlySet<string>): PageFile {
  const read = (file: string) => readFileSync(path.join(folder, file));
  const encoded = Object.entries(ENCODINGS)
    .filter(([ending]) => present.has(name + ending))
    .map(([ending, encoding]) => [encoding, read(name + ending)] as const);
  return { type: TYPES[path.extname(name)] ?? PLAIN, body: read(name), encoded: new Map(encoded) };
}
