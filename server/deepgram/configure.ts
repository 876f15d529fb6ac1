import { exceedsTerms, MOST_TERM_CHARACTERS } from './keyterms.ts';
import { fateOf, isListenParameter } from './listen-parameters.ts';
import type { ConfigureMessage, ServerMessage } from './messages.ts';

/** What a Configure changes, and how it is answered; all of it or nothing. */
export interface Configured {
  readonly answer: Extract<ServerMessage, { readonly type: 'ConfigureSuccess' | 'ConfigureFailure' }>;
  /** undefined: as before */
  readonly hotWords?: readonly string[];
  /** undefined: as before */
  readonly punctuate?: boolean;
}

type FailureCode = Extract<ServerMessage, { readonly type: 'ConfigureFailure' }>['code'];

export function configure({ keyterms, features }: ConfigureMessage, requestId: string): Configured {
  const failed = (code: FailureCode, description: string): Configured => ({
    answer: { type: 'ConfigureFailure', request_id: requestId, code, description },
  });
  const wanted = features ?? {};
  const unknown = Object.keys(wanted).find((name) => wanted[name] === true && !canBeSwitchedOn(name));
  if (unknown !== undefined) {
    const description = `The feature ${unknown.slice(0, 60)} cannot be switched on; there are punctuate, smart_format and numerals.`;
    return failed('CONFIGURE_FEATURE_NOT_SUPPORTED', description);
  }
  const terms = keyterms ?? null;
  if (terms !== null && exceedsTerms(terms)) {
    const description = `All keyterms together may have ${MOST_TERM_CHARACTERS} characters.`;
    return failed('CONFIGURE_KEYTERM_LIMIT_EXCEEDED', description);
  }
  const punctuate = punctuationIn(wanted);
  return {
    answer: { type: 'ConfigureSuccess', request_id: requestId, ...(terms !== null && { keyterms: terms }) },
    ...(terms !== null && { hotWords: terms }),
    ...(punctuate !== undefined && { punctuate }),
  };
}

/** Those that change what is told, and those that are harmless in a query, too. */
function canBeSwitchedOn(name: string): boolean {
  if (name === 'punctuate' || name === 'smart_format') return true;
  return isListenParameter(name) && fateOf(name, 'stream').kind === 'ignored';
}

function punctuationIn({ punctuate, smart_format: smartFormat }: Readonly<Record<string, boolean>>): boolean | undefined {
  if (punctuate === undefined && smartFormat === undefined) return undefined;
  return punctuate === true || smartFormat === true;
}
