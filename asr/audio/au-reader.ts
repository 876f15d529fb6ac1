import { FloraAsrError } from '../../kernels/errors.ts';
import { AU_HEADER_BYTES, type AuHeader, NOT_AU, parseAuHeader } from './au-sink.ts';
import { deinterleave } from './channels.ts';
import { linearSamples } from './linear-samples.ts';

const SAMPLE_BYTES = 4;

/** Reads the AU file that ffmpeg writes into a pipe, piece by piece; a piece may end anywhere. */
export class AuReader {
  #header: AuHeader | null = null;
  /** less than a frame, or than the header */
  #rest: Buffer = Buffer.alloc(0);

  /** Whether there are samples, or at least their header. */
  get begun(): boolean {
    return this.#header !== null;
  }

  /**
   * @returns whole frames, one array for each channel; null if there are none in it
   * @throws FloraAsrError `ffmpeg_missing`: it is no AU file
   */
  push(bytes: Buffer): readonly Float32Array[] | null {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const body = this.#header === null ? this.#takeHeader(all) : all;
    if (body === null || this.#header === null) {
      this.#rest = all;
      return null;
    }
    const frameBytes = SAMPLE_BYTES * this.#header.channels;
    const whole = body.length - (body.length % frameBytes);
    this.#rest = Buffer.from(body.subarray(whole));
    if (whole === 0) return null;
    const samples = linearSamples(body.subarray(0, whole), { kind: 'float', bytesPerSample: SAMPLE_BYTES, bigEndian: true });
    return deinterleave(samples, this.#header.channels);
  }

  /** What follows the header; null if it is not whole yet. */
  #takeHeader(all: Buffer): Buffer | null {
    if (all.length < AU_HEADER_BYTES) return null;
    const header = parseAuHeader(all);
    if (header === undefined) throw new FloraAsrError('ffmpeg_missing', NOT_AU);
    if (all.length < header.samplesAt) return null;
    this.#header = header;
    return all.subarray(header.samplesAt);
  }
}
