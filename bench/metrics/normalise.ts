const NOT_WORD = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The form in which references and hypotheses are compared: NFC, lower case, letters, marks and numbers kept,
 * every run of anything else one space. The same for all languages, and for both sides of a comparison.
 */
export function normaliseText(text: string): string {
  // Lower case can decompose (İ becomes i and a combining dot), hence NFC after it.
  return text.toLowerCase().normalize('NFC').replace(NOT_WORD, ' ').trim();
}
