import { alignWords } from './align-words.ts';
import { normaliseText } from './normalise.ts';

/** Punctuation marks of a hypothesis against those of a reference; adds up over a corpus. */
export interface PunctuationCounts {
  /** the same mark at the same word */
  readonly right: number;
  /** marks of the reference that were not written */
  readonly missed: number;
  /** marks of the hypothesis that the reference does not have there */
  readonly invented: number;
}

/** A word with the marks before it (that open something) and behind it. */
interface MarkedWord {
  readonly word: string;
  readonly before: string[];
  readonly after: string[];
}

/** Runs of letters, marks and numbers, joined by single marks within a word (l’àvia, fer-ho), or one mark alone. */
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:[^\s\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}]+)*|\p{P}/gu;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const QUOTE = /["'\p{Pi}\p{Pf}„‚]/u;
const OPENS = /[\p{Ps}¿¡]/u;

/**
 * Marks are compared where words are aligned: a mark is right if the word it stands at is aligned to a word that has
 * it too, on the same side. Kinds of quotes and of dashes count as one; marks within a word are spelling.
 */
export function punctuationCounts(reference: string, hypothesis: string): PunctuationCounts {
  const [said, heard] = [markedWords(reference), markedWords(hypothesis)];
  const aligned = alignWords(
    said.map(({ word }) => word),
    heard.map(({ word }) => word),
  );
  let [i, j] = [0, 0];
  const counts = { right: 0, missed: 0, invented: 0 };
  const compare = (expected: readonly string[], actual: readonly string[]) => {
    const rest = [...actual];
    for (const mark of expected) {
      const at = rest.indexOf(mark);
      if (at === -1) counts.missed += 1;
      else {
        rest.splice(at, 1);
        counts.right += 1;
      }
    }
    counts.invented += rest.length;
  };
  for (const { kind } of aligned) {
    const expected = kind === 'insertion' ? undefined : said[i++];
    const actual = kind === 'deletion' ? undefined : heard[j++];
    compare(expected?.before ?? [], actual?.before ?? []);
    compare(expected?.after ?? [], actual?.after ?? []);
  }
  return counts;
}

export function sumPunctuation(all: Iterable<PunctuationCounts>): PunctuationCounts {
  let [right, missed, invented] = [0, 0, 0];
  for (const counts of all) {
    right += counts.right;
    missed += counts.missed;
    invented += counts.invented;
  }
  return { right, missed, invented };
}

/** Harmonic mean of precision and recall; NaN where neither side has a mark. */
export function punctuationF1({ right, missed, invented }: PunctuationCounts): number {
  return (2 * right) / (2 * right + missed + invented);
}

/** The first word is the beginning of the text and the last one its end: they hold marks that have no word. */
function markedWords(text: string): readonly MarkedWord[] {
  const words: MarkedWord[] = [markedWord('')];
  let opening: string[] = [];
  const written = text.normalize('NFC').replaceAll('...', '…');
  for (const { 0: token, index } of written.matchAll(TOKEN)) {
    if (WORD.test(token)) {
      words.push({ ...markedWord(normaliseText(token)), before: opening });
      opening = [];
    } else if (opens(token, written[index - 1] ?? ' ')) {
      opening.push(kindOf(token));
    } else {
      words.at(-1)?.after.push(kindOf(token));
    }
  }
  words.push({ ...markedWord(''), before: opening });
  return words;
}

function markedWord(word: string): MarkedWord {
  return { word, before: [], after: [] };
}

/** Quotes tell by their place: what opens in one language closes in another. */
function opens(mark: string, previous: string): boolean {
  return QUOTE.test(mark) ? /\s/.test(previous) || OPENS.test(previous) : OPENS.test(mark);
}

function kindOf(mark: string): string {
  if (/\p{Pd}/u.test(mark)) return '-';
  return QUOTE.test(mark) ? '"' : mark;
}
