/** Languages of the recordings that come with the page, to be heard without a microphone. */
const LANGUAGES: readonly string[] = ['es', 'el', 'ru', 'fr', 'bg', 'ca', 'ro'];

/** Where the sample of a language is; null if there is none. */
export function sampleAddress(language: string): string | null {
  return LANGUAGES.includes(language) ? `/samples/${language}.ogg` : null;
}

/** Of languages that are served, those that can be played at once, in the order to offer them. */
export function sampledLanguages(served: readonly (string | null)[]): readonly string[] {
  return LANGUAGES.filter((language) => served.includes(language));
}
