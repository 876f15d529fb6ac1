import { CLOSE_CODES } from '../protocol/stream-messages.ts';

export interface DocumentedCloseCode {
  readonly code: number;
  readonly name: string;
  /** for people */
  readonly meaning: string;
}

const MEANINGS: Readonly<Record<keyof typeof CLOSE_CODES, string>> = {
  finished: '`finish` was answered; all finals were sent.',
  goingAway: 'The service is ending; what was accepted has been answered. Connect again.',
  malformed: 'Frames that are none of RFC 6455.',
  notText: 'A text message that is not UTF-8.',
  tooLarge: 'A message above the size limit.',
  internal: 'A failure of the service; `error` said which.',
  protocol: 'A message that breaks the protocol, or asks for what there is not; `error` said which.',
  unknownSession: 'The session that was to be resumed is not there, or not any more; start a new one.',
  takenOver: 'Another connection has resumed the stream; this one is out of use.',
  limit: 'The stream was too slow, too long or too idle; `error` said which.',
};

/** What `/v1/stream` closes connections with, in their order. */
export function closeCodes(): readonly DocumentedCloseCode[] {
  return (Object.keys(MEANINGS) as (keyof typeof CLOSE_CODES)[])
    .map((name) => ({ code: CLOSE_CODES[name], name, meaning: MEANINGS[name] }))
    .sort((one, other) => one.code - other.code);
}
