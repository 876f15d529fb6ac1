import type { IncomingMessage } from 'node:http';
import { FloraAsrError } from '../../kernels/errors.ts';
import { Deadline, type Scheduler } from '../sockets/scheduler.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** for all of it to arrive */
  readonly timeoutMs: number;
  readonly schedule: Scheduler;
}

/**
 * Reads a recording that is a request's whole body, and no more of it than the limits allow.
 * @throws FloraAsrError `media_type_unsupported`, `parameter_unsupported`, `file_missing`, `upload_too_large`,
 *   `upload_timeout`, `cancelled` if the client went away
 */
export async function readBody(request: IncomingMessage, { maxBytes, timeoutMs, schedule }: BodyLimits): Promise<Buffer> {
  requireRecording(request.headers['content-type']);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const deadline = new Deadline(schedule);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const body = await new Promise<Buffer>((resolve, reject) => {
    const seconds = timeoutMs / 1000;
    const late = `The request did not arrive whole within ${seconds} s (UPLOAD_TIMEOUT_SECONDS).`;
    deadline.set(() => reject(new FloraAsrError('upload_timeout', late)), timeoutMs);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks, bytes)));
    request.once('close', () => {
      if (!request.complete) reject(new FloraAsrError('cancelled', 'The client went away before its request had arrived.'));
    });
  }).finally(() => {
    deadline.clear();
    request.removeAllListeners('data');
    chunks.length = 0;
  });
  if (body.length > 0) return body;
  throw new FloraAsrError(
    'file_missing',
    'The request has no body; send the recording as it (curl: --data-binary @recording.wav).',
  );
}

function requireRecording(contentType = ''): void {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') {
    const message =
      'A URL is not fetched here, as anybody could have the service ask anything; send the recording as the body.';
    throw new FloraAsrError('parameter_unsupported', message, { param: 'url' });
  }
  if (!type.startsWith('multipart/')) return;
  const message = `The recording is the body itself here, and no form (${type}); forms go to /v1/audio/transcriptions.`;
  throw new FloraAsrError('media_type_unsupported', message);
}

function tooLarge(maxBytes: number): FloraAsrError {
  return new FloraAsrError('upload_too_large', `The recording is larger than ${maxBytes} bytes, the limit (MAX_UPLOAD_BYTES).`);
}
