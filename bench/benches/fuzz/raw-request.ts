/** A request as it goes over the wire; nothing is checked or completed. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  /** in this order, repeated as often as they are named */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | string;
}

export function rawRequest({ method = 'GET', path = '/', version = 'HTTP/1.1', headers = [], body = '' }: RawRequest): Buffer {
  const lines = [`${method} ${path} ${version}`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), bytesOf(body)]);
}

/** One part of a form. `headers` replaces what would be written from the rest. */
export interface RawPart {
  readonly name?: string;
  readonly fileName?: string;
  readonly contentType?: string;
  readonly headers?: string;
  readonly body: Uint8Array | string;
}

export function rawForm(parts: readonly RawPart[], boundary: string): Buffer {
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n${partHead(part)}\r\n\r\n`), bytesOf(part.body), CRLF]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

const CRLF = Buffer.from('\r\n');

function partHead({ name, fileName, contentType, headers }: RawPart): string {
  if (headers !== undefined) return headers;
  const disposition = ['form-data', ...named('name', name), ...named('filename', fileName)].join('; ');
  const type = contentType === undefined ? '' : `\r\nContent-Type: ${contentType}`;
  return `Content-Disposition: ${disposition}${type}`;
}

function named(key: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${key}="${value}"`];
}

export function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
