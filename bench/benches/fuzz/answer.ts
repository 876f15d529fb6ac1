/** One answer of HTTP/1.1, as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  /** names in lower case */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A frame that the service sent. */
export interface FrameAnswer {
  readonly opcode: number;
  readonly final: boolean;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export interface Answers {
  /** in their order; after one with status 101, frames follow */
  readonly http: readonly HttpAnswer[];
  readonly frames: readonly FrameAnswer[];
  /** What follows is no answer, or the beginning of one. */
  readonly rest: Buffer;
}

/**
 * Reads what a connection received.
 * @param ended whether no more comes: an answer without a length ends there
 */
export function readAnswers(received: Buffer, ended: boolean): Answers {
  const http: HttpAnswer[] = [];
  let rest = received;
  for (;;) {
    const next = readHttp(rest, ended);
    if (next === null) return { http, frames: [], rest };
    rest = next.rest;
    if (next.answer.status === 100) continue;
    http.push(next.answer);
    if (next.answer.status === 101) return { http, ...readFrames(rest) };
  }
}

function readHttp(bytes: Buffer, ended: boolean): { readonly answer: HttpAnswer; readonly rest: Buffer } | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [, status] = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(statusLine) ?? [];
  if (status === undefined) return null;
  const headers = new Map(lines.map(headerOf));
  const tail = bytes.subarray(headEnd + 4);
  const body = readBody(tail, { status: Number(status), headers, ended });
  return body && { answer: { status: Number(status), headers, body: body.body }, rest: body.rest };
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

interface BodyFraming {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly ended: boolean;
}

function readBody(
  tail: Buffer,
  { status, headers, ended }: BodyFraming,
): { readonly body: Buffer; readonly rest: Buffer } | null {
  const none = { body: Buffer.alloc(0), rest: tail };
  if (status < 200 || status === 204 || status === 304) return none;
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(tail);
  const length = headers.get('content-length');
  if (length === undefined)
    return ended || headers.get('connection') === 'close' ? { body: tail, rest: Buffer.alloc(0) } : none;
  // the answer to HEAD names a length, and has no body: then the next answer follows at once, or nothing
  if (tail.length === 0 ? ended : tail.subarray(0, 9).toString('latin1') === 'HTTP/1.1 ') return none;
  if (tail.length < Number(length)) return null;
  return { body: tail.subarray(0, Number(length)), rest: tail.subarray(Number(length)) };
}

function readChunks(tail: Buffer): { readonly body: Buffer; readonly rest: Buffer } | null {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = tail.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(tail.subarray(at, lineEnd).toString('latin1'), 16);
    const from = lineEnd + 2;
    if (!Number.isFinite(size) || tail.length < from + size + 2) return null;
    chunks.push(tail.subarray(from, from + size));
    at = from + size + 2;
    if (size === 0) return { body: Buffer.concat(chunks), rest: tail.subarray(at) };
  }
}

function readFrames(bytes: Buffer): { readonly frames: readonly FrameAnswer[]; readonly rest: Buffer } {
  const frames: FrameAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const next = readFrame(rest);
    if (next === null) return { frames, rest };
    frames.push(next.frame);
    rest = next.rest;
  }
}

/** A masked frame, which a service must not send, is read as if it were none, and told. */
function readFrame(bytes: Buffer): { readonly frame: FrameAnswer; readonly rest: Buffer } | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extended) return null;
  const length = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const from = 2 + extended;
  if (bytes.length < from + length) return null;
  const payload = bytes.subarray(from, from + length);
  const frame = { opcode: first & 0x0f, final: (first & 0x80) !== 0, masked: (second & 0x80) !== 0, payload };
  return { frame, rest: bytes.subarray(from + length) };
}

const CLOSE = 8;

/** The close frame's code; 1005 if it names none (RFC 6455, 7.1.5); null if there is no such frame. */
export function closeCodeOf(frames: readonly FrameAnswer[]): number | null {
  const close = frames.find(({ opcode }) => opcode === CLOSE);
  if (close === undefined) return null;
  return close.payload.length < 2 ? 1005 : close.payload.readUInt16BE(0);
}

/** Whether a client has all that it waits for: a whole answer, or the end of its stream. */
export function hasAnswer(received: Buffer): boolean {
  const { http, frames } = readAnswers(received, false);
  const last = http.at(-1);
  if (last === undefined) return false;
  if (last.status === 101) return closeCodeOf(frames) !== null;
  // with `close`, the service has to end the connection as well
  return last.headers.get('connection') !== 'close';
}
