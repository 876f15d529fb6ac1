import type { FileSegment } from '../../asr/files/recognise-file.ts';
import { graphemesOf, textWidth } from './text-width.ts';

/** A word, or a piece of one that is too long for a line. */
export interface TimedWord {
  /** not empty, no white space in it */
  readonly text: string;
  readonly columns: number;
  /** whether a blank is before it */
  readonly spaced: boolean;
  /** of the recording's time */
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The words of an utterance as subtitles may cut them. Where no times of words are known, all of it is one word, which
 * is then cut.
 */
export function timedWords({ startMs, endMs, result }: FileSegment, widestColumns: number): readonly TimedWord[] {
  const words = result.words ?? [{ text: result.text, startMs: 0, endMs: endMs - startMs }];
  return words.flatMap((word) => {
    const pieces = word.text.split(/\s+/u).filter((piece) => piece !== '');
    const spaced = /^\s/u.test(word.text);
    const parts = pieces.flatMap((piece, index) => partsOf(piece, { spaced: spaced || index > 0, widestColumns }));
    return spreadOver(parts, { fromMs: startMs + word.startMs, toMs: startMs + word.endMs });
  });
}

type Part = Omit<TimedWord, 'startMs' | 'endMs'>;

/** A word that is wider than a line comes in parts that are not. */
function partsOf(
  text: string,
  { spaced, widestColumns }: { readonly spaced: boolean; readonly widestColumns: number },
): readonly Part[] {
  const columns = textWidth(text);
  if (columns <= widestColumns) return [{ text, columns, spaced }];
  const parts: Part[] = [];
  let [begun, begunColumns] = ['', 0];
  const end = () => parts.push({ text: begun, columns: begunColumns, spaced: spaced && parts.length === 0 });
  for (const grapheme of graphemesOf(text)) {
    const width = textWidth(grapheme);
    if (begunColumns + width > widestColumns) {
      end();
      [begun, begunColumns] = ['', 0];
    }
    [begun, begunColumns] = [begun + grapheme, begunColumns + width];
  }
  end();
  return parts;
}

/** Each part of a word gets as much of its time as it is of it. */
function spreadOver(
  parts: readonly Part[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly TimedWord[] {
  const all = parts.reduce((sum, { columns }) => sum + columns, 0);
  let before = 0;
  const at = (columns: number) => fromMs + ((toMs - fromMs) * columns) / all;
  return parts.map((part) => {
    const startMs = at(before);
    before += part.columns;
    return { ...part, startMs, endMs: at(before) };
  });
}
