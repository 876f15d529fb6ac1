/** Names that OpenAI's API has, where Intl has others (openai/whisper, `tokenizer.py`). */
const WHISPER_NAMES: Readonly<Record<string, string>> = {
  nn: 'nynorsk',
  my: 'myanmar',
  mi: 'maori',
  fil: 'tagalog',
};

/** Where nobody speaks, and nobody has said what would be spoken. */
export const NO_LANGUAGE = 'unknown';

/** The English name of a BCP-47 tag's language, as OpenAI's API writes it: `greek`. Region and script play no part. */
export function languageName(tag: string): string {
  const { language } = new Intl.Locale(tag);
  const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
  return WHISPER_NAMES[language] ?? name.toLowerCase();
}
