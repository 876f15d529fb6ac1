/** A BCP-47 tag; or the tags among which the language is found by listening, and then kept. */
export type LanguageChoice = string | { readonly among: readonly string[] };
