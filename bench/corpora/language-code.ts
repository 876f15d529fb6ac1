import { WHISPER_CODES } from '../../asr/whisper/prompt.ts';

/** Whisper's languages, as its tokens name them. */
const WHISPER_LANGUAGES: ReadonlySet<string> = new Set(
  `af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it
  ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so
  sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh`.split(/\s+/),
);

/**
 * Whisper's code for a tag as corpora write it: `el`, `es-419`, `sv-SE`, `cmn_hans_cn`.
 * @returns null if it is no language of Whisper's
 */
export function languageCode(tag: string): string | null {
  const primary = tag.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  const code = WHISPER_CODES[primary] ?? primary;
  return WHISPER_LANGUAGES.has(code) ? code : null;
}
