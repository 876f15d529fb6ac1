/** At the edge of a word, these are part of what is said. */
const SPOKEN = '%‰&@#§°+';
/** Punctuation that stands between words, with letters on both sides or without: Chinese and Japanese have no blanks. */
const BETWEEN = /[\u3001-\u303f\uff01-\uff04\uff07-\uff0f\uff1a-\uff1f\uff3b-\uff40\uff5b-\uff65]/gu;
const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;
const PUNCTUATION = String.raw`(?:(?![${SPOKEN}])\p{P})`;
/** What is within a word stays: it's, e-mail, 3.5, l'heure. */
const AT_EDGES = new RegExp(`(?<!${LETTER})${PUNCTUATION}+|${PUNCTUATION}+(?!${LETTER})`, 'gu');

/**
 * A text as a recogniser without punctuation would tell it: no punctuation but that within words, all in lower case.
 * @param language BCP-47: Turkish has a lower case of its own
 */
export function plainText(text: string, language: string): string {
  const bare = text.replace(BETWEEN, ' ').replace(AT_EDGES, ' ');
  return bare.replace(/\s+/gu, ' ').trim().toLocaleLowerCase(localeOf(language));
}

/** Runtimes take tags that are well-formed only. */
function localeOf(language: string): string {
  try {
    return new Intl.Locale(language).baseName;
  } catch {
    return 'und';
  }
}
