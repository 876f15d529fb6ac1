import { FloraAsrError } from '../../kernels/errors.ts';
import type { TokenId, WhisperConfig } from './config.ts';

export type SpeechTask = 'transcribe' | 'translate';

/** The tokens a row is forced to begin with: start of transcript, language, task, no timestamps. */
export function promptTokens(config: WhisperConfig, language: TokenId, task: SpeechTask = 'transcribe'): readonly TokenId[] {
  const { startOfTranscript, transcribe, translate, noTimestamps } = config.special;
  return [startOfTranscript, language, task === 'transcribe' ? transcribe : translate, noTimestamps];
}

/** The model's own code of the language that a prompt names, such as `el`; empty if it names none. */
export function languageCode(config: WhisperConfig, prompt: readonly TokenId[]): string {
  return [...config.languageTokens].find(([, token]) => prompt.includes(token))?.[0] ?? '';
}

/**
 * What tells the decoder what was said before, to be put before the tokens that a row is forced to begin with: the last
 * tokens of it, at most half of the decoder's positions with their mark (223 in Whisper). Nothing, if nothing was.
 */
export function previousTokens(config: WhisperConfig, tokens: readonly TokenId[]): readonly TokenId[] {
  if (tokens.length === 0) return [];
  return [config.special.startOfPrevious, ...tokens.slice(1 - Math.floor(config.maxTokens / 2))];
}

/** ISO 639 codes that Whisper has under another code of its own. */
export const WHISPER_CODES: Readonly<Record<string, string>> = { nb: 'no', fil: 'tl', iw: 'he', in: 'id', jv: 'jw', cmn: 'zh' };

/**
 * The model's token for a BCP-47 tag; region and script play no part (`es-419` is Spanish).
 * @throws FloraAsrError `language_unknown`
 */
export function languageToken(config: WhisperConfig, tag: string): TokenId {
  const language = primaryLanguage(tag);
  const token = config.languageTokens.get(language) ?? config.languageTokens.get(WHISPER_CODES[language] ?? language);
  if (token !== undefined) return token;
  const known = [...config.languageTokens.keys()].sort().join(' ');
  throw new FloraAsrError('language_unknown', `${config.name} does not know the language "${tag}". It knows: ${known}.`);
}

function primaryLanguage(tag: string): string {
  try {
    return new Intl.Locale(tag).language;
  } catch (cause) {
    throw new FloraAsrError('language_unknown', `"${tag}" is not a BCP-47 language tag, such as "el" or "es-419".`, { cause });
  }
}
