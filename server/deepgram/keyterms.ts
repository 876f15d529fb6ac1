import { FloraAsrError } from '../../kernels/errors.ts';

export interface AskedTerms {
  /** plain terms */
  readonly keyterm: readonly string[];
  /** the older form: `word:2`, with how much more likely it is */
  readonly keywords: readonly string[];
}

/** Deepgram takes 500 tokens; about so many characters. */
export const MOST_TERM_CHARACTERS = 2_000;

const WEIGHTED = /^(.+):(-?\d+(?:\.\d+)?)$/;

/**
 * Words that are more likely, each once. How much more is our own choice.
 * @throws FloraAsrError `parameter_unsupported`: a word that is to be less likely; `request_invalid`: too many
 */
export function asHotWords({ keyterm, keywords }: AskedTerms): readonly string[] {
  const terms = [...new Set([...keyterm, ...keywords.map(withoutWeight)])];
  if (!exceedsTerms(terms)) return terms;
  const most = `All terms together may have ${MOST_TERM_CHARACTERS} characters`;
  throw new FloraAsrError('request_invalid', `${most}; leave some out.`, {
    param: keyterm.length > 0 ? 'keyterm' : 'keywords',
  });
}

export function exceedsTerms(terms: readonly string[]): boolean {
  return terms.reduce((sum, term) => sum + term.length, 0) > MOST_TERM_CHARACTERS;
}

function withoutWeight(keyword: string): string {
  const [, word = keyword, weight = '1'] = WEIGHTED.exec(keyword) ?? [];
  if (Number(weight) >= 0) return word;
  const message = `keywords can make words more likely here, and not less: "${keyword.slice(0, 60)}".`;
  throw new FloraAsrError('parameter_unsupported', message, { param: 'keywords' });
}
