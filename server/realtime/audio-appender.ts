import { setImmediate as otherWork } from 'node:timers/promises';
import type { AudioFormat } from '../sockets/audio-intake.ts';
import { base64Pieces, checkBase64, checkLongBase64, isShort } from './base64-audio.ts';
import type { SessionAudio } from './session-audio.ts';

export interface AudioAppenderOptions {
  readonly audio: Pick<SessionAudio, 'settings' | 'fits' | 'push'>;
  /** whether more is accepted */
  readonly isOpen: () => boolean;
}

/** Decoded and pushed in one go: 1.5 s. */
const PIECE_SECONDS = 1.5;

/**
 * Takes the audio of `append`: what is short and has room at once, the rest piece by piece, each when there is room for
 * it, so that others have their turns. What is left when a session ends was not accepted.
 */
export class AudioAppender {
  readonly #options: AudioAppenderOptions;
  #goOn: () => void = () => undefined;

  constructor(options: AudioAppenderOptions) {
    this.#options = options;
  }

  /**
   * @returns null if it is done
   * @throws FloraAsrError `audio_malformed`, `message_too_large`, or as `SessionAudio.push`
   */
  append(audio: string): Promise<void> | null {
    const { perSample, perPiece } = bytesOf(this.#options.audio.settings.format);
    if (!isShort(audio)) return this.#appendLong(audio);
    checkBase64(audio, perSample);
    const pieces = [...base64Pieces(audio, perPiece)];
    if (!this.#fits(pieces.reduce((sum, { length }) => sum + length, 0))) return this.#push(pieces);
    for (const piece of pieces) this.#options.audio.push(piece);
    return null;
  }

  /** There may be room, or nothing more is accepted. */
  goOn(): void {
    this.#goOn();
  }

  async #appendLong(audio: string): Promise<void> {
    const { perSample, perPiece } = bytesOf(this.#options.audio.settings.format);
    await checkLongBase64(audio, perSample);
    await this.#push(base64Pieces(audio, perPiece));
  }

  async #push(pieces: Iterable<Buffer>): Promise<void> {
    const { audio, isOpen } = this.#options;
    for (const piece of pieces) {
      while (isOpen() && !this.#fits(piece.length)) await this.#room();
      if (!isOpen()) return;
      audio.push(piece);
      await otherWork();
    }
  }

  #fits(bytes: number): boolean {
    const { audio } = this.#options;
    return audio.fits((1000 * bytes) / bytesOf(audio.settings.format).perSecond);
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
  }
}

function bytesOf({ encoding, sampleRateHz }: AudioFormat) {
  const perSample = encoding === 'pcm_s16le' ? 2 : 1;
  const perSecond = perSample * sampleRateHz;
  return { perSample, perSecond, perPiece: PIECE_SECONDS * perSecond };
}
