import type { FileAnswer } from './file-messages.ts';
import { cutWords, pauseMs, type SpacedWord, textOf } from './spaced-words.ts';

type Paragraphs = NonNullable<FileAnswer['results']['channels'][number]['alternatives'][number]['paragraphs']>;
type Paragraph = Paragraphs['paragraphs'][number];

/** Nobody speaks for so long within a paragraph. */
const PARAGRAPH_PAUSE_MS = 2_000;
const MOST_SENTENCES = 5;
/** What a sentence ends with, in Latin, Greek, CJK, Arabic and Devanagari; quotation marks may follow. */
const SENTENCE_END = /[.!?…;。！？؟।]["'»”’)\]]*$/u;
/** Of these only Greek ends a question with a semicolon. */
const SEMICOLON_END = /;["'»”’)\]]*$/u;

/** The words of one channel, by sentences and paragraphs. */
export function paragraphsOf(words: readonly SpacedWord[], punctuate: boolean): Paragraphs {
  const sentences = cutWords(words, (last, next) => endsSentence(last) || pauseMs(last, next) >= PARAGRAPH_PAUSE_MS);
  const grouped: (readonly SpacedWord[])[][] = [];
  for (const sentence of sentences) {
    const current = grouped.at(-1);
    const last = current?.at(-1)?.at(-1);
    const [first] = sentence;
    const isNew = last === undefined || first === undefined || pauseMs(last.word, first.word) >= PARAGRAPH_PAUSE_MS;
    if (current === undefined || isNew || current.length >= MOST_SENTENCES) grouped.push([sentence]);
    else current.push(sentence);
  }
  const paragraphs = grouped.map((group) => paragraphOf(group, punctuate));
  return {
    transcript: paragraphs.map(({ sentences: own }) => own.map(({ text }) => text).join(' ')).join('\n\n'),
    paragraphs,
  };
}

function paragraphOf(group: readonly (readonly SpacedWord[])[], punctuate: boolean): Paragraph {
  const sentences = group.map((words) => ({ text: textOf(words, punctuate), ...rangeOf(words) }));
  return { sentences, num_words: group.flat().length, ...rangeOf(group.flat()) };
}

function rangeOf(words: readonly SpacedWord[]): { readonly start: number; readonly end: number } {
  return { start: words[0]?.word.start ?? 0, end: words.at(-1)?.word.end ?? 0 };
}

function endsSentence({ punctuated_word: written, language }: SpacedWord['word']): boolean {
  if (SEMICOLON_END.test(written)) return language.startsWith('el');
  return SENTENCE_END.test(written);
}
