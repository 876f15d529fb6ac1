import { endianness } from 'node:os';
import { Writable } from 'node:stream';
import { FloraAsrError } from '../../kernels/errors.ts';
import { deinterleave } from './channels.ts';
import { type PcmAudio, SAMPLE_RATE_HZ } from './pcm.ts';

/** Takes the AU file that ffmpeg writes into a pipe. */
export interface AuSink {
  readonly stream: Writable;
  /** What has come, once the stream has ended; null if not even a header came. Can be called once. */
  takeAudio(): PcmAudio | null;
}

export interface AuHeader {
  readonly samplesAt: number;
  readonly channels: number;
}

export const AU_HEADER_BYTES = 24;
/** AU's number for 32-bit floats. */
const FLOAT_32 = 6;
const SAMPLE_BYTES = 4;
export const NOT_AU = 'The program that is used as ffmpeg did not write what it was asked for.';
/** Of audio with more channels, only as many samples are taken as of one with these. */
const CHANNELS_AT_FULL_LENGTH = 8;

/**
 * Collects 32-bit floats at 16 kHz. AU, because its header is six numbers that never need patching; raw
 * samples would leave the channel count to be read out of ffmpeg's messages.
 * The stream fails with `audio_too_long` as soon as more than `maxDurationMs` came.
 */
export function createAuSink(maxDurationMs: number): AuSink {
  let chunks: Buffer[] = [];
  let received = 0;
  let header: AuHeader | undefined;
  let limitBytes = Number.POSITIVE_INFINITY;

  const stream = new Writable({
    // fluent-ffmpeg takes a closed stream for a failure if ffmpeg has not exited 20 ms later
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      received += chunk.length;
      if (header === undefined && received >= AU_HEADER_BYTES) {
        header = parseAuHeader(Buffer.concat(chunks));
        if (header === undefined) return done(new FloraAsrError('ffmpeg_missing', NOT_AU));
        const samples = Math.ceil((maxDurationMs * SAMPLE_RATE_HZ) / 1000) * Math.min(header.channels, CHANNELS_AT_FULL_LENGTH);
        limitBytes = header.samplesAt + samples * SAMPLE_BYTES;
      }
      if (received <= limitBytes) return done();
      chunks = [];
      done(new FloraAsrError('audio_too_long', `The audio is longer than the limit of ${maxDurationMs / 1000} s.`));
    },
  });

  return {
    stream,
    takeAudio() {
      if (header === undefined) return null;
      const samples = joinSamples(chunks, header.samplesAt, received);
      chunks = [];
      const channels = header.channels === 1 ? [samples] : deinterleave(samples, header.channels);
      return { channels, sampleRateHz: SAMPLE_RATE_HZ };
    },
  };
}

/** Six big-endian words: magic, place of the samples, their size (unknown), encoding, rate, channels. */
export function parseAuHeader(head: Buffer): AuHeader | undefined {
  const [, samplesAt = 0, , encoding, rate, channels = 0] = Array.from({ length: 6 }, (_, word) => head.readUInt32BE(4 * word));
  const asked = head.toString('latin1', 0, 4) === '.snd' && encoding === FLOAT_32 && rate === SAMPLE_RATE_HZ && channels > 0;
  return asked ? { samplesAt, channels } : undefined;
}

/** The chunks' bytes from `samplesAt`, as numbers: big-endian in the file. */
function joinSamples(chunks: readonly Buffer[], samplesAt: number, received: number): Float32Array {
  const samples = new Float32Array(Math.max(0, Math.floor((received - samplesAt) / SAMPLE_BYTES)));
  const bytes = Buffer.from(samples.buffer);
  let at = -samplesAt;
  for (const chunk of chunks) {
    const skipped = Math.max(0, -at);
    if (skipped < chunk.length) chunk.copy(bytes, at + skipped, skipped);
    at += chunk.length;
  }
  if (endianness() === 'LE') bytes.swap32();
  return samples;
}
