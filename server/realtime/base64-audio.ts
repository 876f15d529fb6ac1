import { setImmediate as otherWork } from 'node:timers/promises';
import { FloraAsrError } from '../../kernels/errors.ts';
import { LONGEST_APPEND_BYTES } from './client-events.ts';

/** Looked at in one go, before others have their turn. */
const PIECE_CHARACTERS = 2 ** 17;

const PADDING = /={0,2}$/;
const ALPHABET = /^[A-Za-z0-9+/]*$/;

/** Whether so little is decoded at once, so that nobody else waits for it. */
export function isShort(audio: string): boolean {
  return audio.length <= PIECE_CHARACTERS;
}

/** The bytes of a base64 text, so many at a time. @param audio one that was checked; bytes are a multiple of three */
export function* base64Pieces(audio: string, bytes: number): Generator<Buffer> {
  const characters = (bytes / 3) * 4;
  for (let at = 0; at < audio.length; at += characters) yield Buffer.from(audio.slice(at, at + characters), 'base64');
}

/** @throws FloraAsrError `audio_malformed`, `message_too_large` */
export function checkBase64(audio: string, bytesPerSample: number): void {
  const body = checkLength(audio, bytesPerSample);
  if (!ALPHABET.test(body)) throw notBase64();
}

/** The same for a long one, with turns for others. @throws FloraAsrError as `checkBase64` */
export async function checkLongBase64(audio: string, bytesPerSample: number): Promise<void> {
  const body = checkLength(audio, bytesPerSample);
  for (let at = 0; at < body.length; at += PIECE_CHARACTERS) {
    if (!ALPHABET.test(body.slice(at, at + PIECE_CHARACTERS))) throw notBase64();
    await otherWork();
  }
}

/** @returns what is left without the padding */
function checkLength(audio: string, bytesPerSample: number): string {
  const padding = PADDING.exec(audio.slice(-2))?.[0].length ?? 0;
  if (audio.length % 4 !== 0) throw notBase64();
  const bytes = (audio.length / 4) * 3 - padding;
  if (bytes > LONGEST_APPEND_BYTES) {
    const most = `audio may have ${LONGEST_APPEND_BYTES / 2 ** 20} MiB at most, and this has ${bytes} bytes; append it in pieces.`;
    throw new FloraAsrError('message_too_large', most, { param: 'audio' });
  }
  if (bytes % bytesPerSample !== 0) {
    const whole = `audio must hold whole samples of ${bytesPerSample} bytes, but it has ${bytes} bytes.`;
    throw new FloraAsrError('audio_malformed', whole, { param: 'audio' });
  }
  return audio.slice(0, audio.length - padding);
}

function notBase64(): FloraAsrError {
  const expected = 'audio must be base64 (RFC 4648, with padding, without blanks) of samples in the format of the session.';
  return new FloraAsrError('audio_malformed', expected, { param: 'audio' });
}
