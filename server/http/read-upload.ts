import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { FloraAsrError } from '../../kernels/errors.ts';

/** A multipart form with one file. */
export interface Upload {
  readonly file: Uint8Array;
  /** in their order; names as they were sent */
  readonly fields: readonly FormField[];
}

export interface FormField {
  readonly name: string;
  readonly value: string;
}

export interface UploadLimits {
  /** of the file */
  readonly maxBytes: number;
  /** for all of it to arrive */
  readonly timeoutMs: number;
}

/** Of text beside the file; many times what the longest request has. */
const MOST_FIELDS = 256;
const MOST_FIELD_BYTES = 16 * 1024;
/** Of a form around its file: fields, boundaries, headers. */
const MOST_OVERHEAD_BYTES = 2 ** 20;

/**
 * Reads a form as it comes, and no further than its limits allow: what is kept is at most the file's limit and the
 * fields'. Once it has failed, nothing more of the request is read here.
 * @throws FloraAsrError `media_type_unsupported`, `request_invalid`, `file_missing`, `file_repeated`, `upload_too_large`,
 *   `upload_timeout`, `cancelled` if the client went away
 */
export async function readUpload(request: IncomingMessage, limits: UploadLimits): Promise<Upload> {
  requireMultipart(request.headers['content-type']);
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes + MOST_OVERHEAD_BYTES) throw tooLarge(limits);
  const form = openForm(request);
  let fail: (error: FloraAsrError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const upload = new ArrivingForm(limits, fail);
  const count = (chunk: Uint8Array) => upload.count(chunk.length);
  const timer = setTimeout(() => fail(tooSlow(limits)), limits.timeoutMs);
  form.on('file', (name, stream) => upload.takeFile(name, stream));
  form.on('field', (name: string | undefined, value, { valueTruncated }) => {
    upload.takeField({ name: name ?? '', value }, valueTruncated); // its type hides that a part may have no name
  });
  form.on('fieldsLimit', () => fail(invalid(`The form has more than ${MOST_FIELDS} fields.`)));
  form.on('error', (cause) => fail(invalid(`The form is not well-formed: ${(cause as Error).message}.`, { cause })));
  request.on('close', () => {
    if (!request.complete) fail(clientGone());
  });
  try {
    const whole = new Promise<void>((resolve) => form.on('close', () => resolve()));
    request.on('data', count).pipe(form);
    await Promise.race([whole, failed]);
    return upload.done();
  } finally {
    clearTimeout(timer);
    request.unpipe(form).off('data', count);
    upload.drop();
  }
}

/** What has come of a form so far. */
class ArrivingForm {
  readonly #limits: UploadLimits;
  readonly #fail: (error: FloraAsrError) => void;
  readonly #fields: FormField[] = [];
  #file: { readonly chunks: Uint8Array[]; bytes: number } | null = null;
  #receivedBytes = 0;

  /** @param fail is told of the first thing that is wrong, and of others after it */
  constructor(limits: UploadLimits, fail: (error: FloraAsrError) => void) {
    this.#limits = limits;
    this.#fail = fail;
  }

  count(bytes: number): void {
    this.#receivedBytes += bytes;
    if (this.#receivedBytes > this.#limits.maxBytes + MOST_OVERHEAD_BYTES) this.#fail(tooLarge(this.#limits));
  }

  takeField(field: FormField, truncated: boolean): void {
    if (truncated) this.#fail(invalid(`A field has ${MOST_FIELD_BYTES} bytes or more.`, { param: field.name.slice(0, 100) }));
    else this.#fields.push(field);
  }

  takeFile(name: string | undefined, stream: Readable): void {
    // a stream nobody listens to would throw its errors at the process
    stream.on('error', () => undefined);
    const wrong = this.#whyNotFile(name);
    if (wrong !== null) {
      stream.resume();
      this.#fail(wrong);
      return;
    }
    const file = { chunks: [] as Uint8Array[], bytes: 0 };
    this.#file = file;
    stream.on('data', (chunk: Uint8Array) => {
      file.bytes += chunk.length;
      if (file.bytes > this.#limits.maxBytes) this.#fail(tooLarge(this.#limits));
      else file.chunks.push(chunk);
    });
  }

  /** @throws FloraAsrError `file_missing` */
  done(): Upload {
    if (this.#file === null) {
      const isText = this.#fields.some(({ name }) => name === 'file');
      throw new FloraAsrError(
        'file_missing',
        isText
          ? 'The field "file" is text; send the recording as a file, with a filename (curl: -F file=@recording.wav).'
          : 'The form has no file; send the recording in the field "file" (curl: -F file=@recording.wav).',
        { param: 'file' },
      );
    }
    return { file: Buffer.concat(this.#file.chunks, this.#file.bytes), fields: this.#fields };
  }

  /** What has come is not kept longer than it is needed. */
  drop(): void {
    this.#file = null;
  }

  #whyNotFile(name: string | undefined): FloraAsrError | null {
    if (name !== 'file') {
      const given = `${name ?? ''}`.slice(0, 100);
      return invalid(`"${given}" was sent as a file; only the recording is one, in the field "file".`, { param: given });
    }
    if (this.#file === null) return null;
    return new FloraAsrError('file_repeated', 'The form has more than one file; send one recording a request.', {
      param: 'file',
    });
  }
}

/** @throws FloraAsrError `media_type_unsupported` */
function requireMultipart(contentType: string | undefined): void {
  if (contentType !== undefined && /^multipart\/form-data *(;|$)/i.test(contentType)) return;
  throw new FloraAsrError(
    'media_type_unsupported',
    `The content type has to be multipart/form-data, and ${contentType === undefined ? 'there is none' : `is "${contentType.slice(0, 100)}"`}.`,
  );
}

/** @throws FloraAsrError `request_invalid` */
function openForm({ headers }: IncomingMessage): busboy.Busboy {
  const limits = { fields: MOST_FIELDS, fieldSize: MOST_FIELD_BYTES };
  try {
    return busboy({ headers, limits, defParamCharset: 'utf8' });
  } catch (cause) {
    throw invalid(`The form cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

function invalid(message: string, options: { readonly cause?: unknown; readonly param?: string } = {}): FloraAsrError {
  return new FloraAsrError('request_invalid', message, options);
}

function tooLarge({ maxBytes }: UploadLimits): FloraAsrError {
  return new FloraAsrError('upload_too_large', `The file is larger than ${maxBytes} bytes, the limit (MAX_UPLOAD_BYTES).`, {
    param: 'file',
  });
}

function tooSlow({ timeoutMs }: UploadLimits): FloraAsrError {
  return new FloraAsrError(
    'upload_timeout',
    `The request did not arrive whole within ${timeoutMs / 1000} s (UPLOAD_TIMEOUT_SECONDS).`,
  );
}

function clientGone(): FloraAsrError {
  return new FloraAsrError('cancelled', 'The client went away before its request had arrived.');
}
