import type { Draw } from '../draw.ts';

/** What a client does on one connection, byte by byte. */
export type Step =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** until the service has sent this text, or ended the connection */
  | { readonly kind: 'await'; readonly text: string }
  | { readonly kind: 'pause'; readonly ms: number }
  /** no more is sent, but the answer is read */
  | { readonly kind: 'half-close' }
  /** the connection is reset, without a goodbye */
  | { readonly kind: 'vanish' };

/**
 * What the service owes for it. `answer`: an answer in its protocol. `end`: an answer or the end of the connection.
 * `nothing`: the client has not finished its sentence, or does not stay to hear.
 */
export type Owed = 'answer' | 'end' | 'nothing';

export interface FuzzCase {
  /** what is wrong with it, for people */
  readonly what: string;
  readonly steps: readonly Step[];
  readonly owed: Owed;
  /** one answer is not all: the client stays until the service ends the connection */
  readonly stays?: boolean;
}

/** What cases are made of. */
export interface FuzzMaterial {
  /** of the service: `127.0.0.1:8080` */
  readonly host: string;
  /** real recordings, in every format that is claimed */
  readonly recordings: readonly Recording[];
  /** one of them as samples at 16 kHz */
  readonly samples: Int16Array;
}

export interface Recording {
  readonly format: string;
  readonly contentType: string;
  readonly language: string;
  readonly bytes: Buffer;
}

export type CaseMaker = (draw: Draw, material: FuzzMaterial) => FuzzCase;

export function send(bytes: Uint8Array | string): Step {
  return { kind: 'send', bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes };
}
