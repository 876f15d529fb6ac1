import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import { StreamDecoder } from '../../../asr/audio/stream-decoder.ts';
import type { FloraAsrError } from '../../../kernels/errors.ts';

const RECORDING = 'test/fixtures/speech/es-woman-nurse.ogg';

class Told {
  readonly pieces: (readonly Float32Array[])[] = [];
  readonly errors: FloraAsrError[] = [];
  readonly decoder: StreamDecoder;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.decoder = new StreamDecoder({
      env,
      onSamples: (channels) => this.pieces.push(channels),
      onRoom: () => undefined,
      onFailed: (error) => this.errors.push(error),
    });
  }

  channel(index: number): Float32Array {
    return Float32Array.from(this.pieces.flatMap((channels) => [...(channels[index] ?? [])]));
  }

  /** of one channel */
  get heardSamples(): number {
    return this.channel(0).length;
  }

  /** Resolves when something has been decoded: it is audio that comes while more is sent. */
  async heard(): Promise<void> {
    while (this.pieces.length === 0 && this.errors.length === 0) await sleep(5);
  }
}

function piecesOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

describe('a decoder of audio that comes', () => {
  it('hears what a file of the same bytes has in it, in whatever pieces it comes', async () => {
    const whole = await readFile(RECORDING);
    const { channels } = await readAudio({ path: RECORDING }, { env: process.env });
    const told = new Told();
    for (const piece of piecesOf(whole, 700)) told.decoder.push(piece);
    await told.decoder.end();
    expect(told.errors).toEqual([]);
    expect(channels).toHaveLength(2);
    for (const [index, samples] of channels.entries())
      expect(Buffer.compare(bytesOf(told.channel(index)), bytesOf(samples))).toBe(0);
  });

  it('tells the beginning before the end has come', async () => {
    const whole = await readFile(RECORDING);
    const told = new Told();
    told.decoder.push(whole.subarray(0, Math.floor(whole.length * 0.7)));
    await told.heard();
    const before = told.heardSamples;
    expect(before).toBeGreaterThan(0);
    told.decoder.push(whole.subarray(Math.floor(whole.length * 0.7)));
    await told.decoder.end();
    expect(told.heardSamples).toBeGreaterThan(before);
  });

  it('tells nothing while it is held, and everything after', async () => {
    const told = new Told();
    told.decoder.hold();
    told.decoder.push(await readFile(RECORDING));
    const ended = told.decoder.end();
    await sleep(300);
    expect(told.pieces.length).toBe(0);
    told.decoder.release();
    await ended;
    expect(told.heardSamples).toBeGreaterThan(8_000);
  });

  it('says of what is no audio that it is none', async () => {
    const told = new Told();
    told.decoder.push(Buffer.from('This is not audio. '.repeat(5_000)));
    await told.decoder.end();
    expect(told.errors).toEqual([expect.objectContaining({ code: 'audio_unreadable' })]);
  });

  it('does not look for audio for ever', async () => {
    const told = new Told();
    const noise = Buffer.from('This is not audio. '.repeat(5_000));
    while (told.errors.length === 0) {
      told.decoder.push(noise);
      await sleep(1);
    }
    expect(told.errors).toEqual([expect.objectContaining({ code: 'audio_unreadable' })]);
  });

  it('keeps what came before an end in the midst of a page', async () => {
    const whole = await readFile(RECORDING);
    const told = new Told();
    told.decoder.push(whole.subarray(0, whole.length - 100));
    await told.decoder.end();
    expect(told.errors).toEqual([]);
    expect(told.heardSamples).toBeGreaterThan(8_000);
  });

  it('is gone at once when it is closed', async () => {
    const told = new Told();
    told.decoder.push(await readFile(RECORDING));
    told.decoder.close();
    await told.decoder.end();
    expect([told.pieces, told.errors]).toEqual([[], []]);
  });

  it('says that there is no ffmpeg', async () => {
    const told = new Told({ FLORA_ASR_FFMPEG: '/nowhere/ffmpeg' });
    await told.decoder.end();
    expect(told.errors).toEqual([expect.objectContaining({ code: 'ffmpeg_missing' })]);
  });
});

function bytesOf(samples: Float32Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}
