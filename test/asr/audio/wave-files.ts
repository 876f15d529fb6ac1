import wavefile from 'wavefile';

interface WaveOptions {
  readonly channels?: number;
  readonly sampleRateHz?: number;
  /** as wavefile names them: 8, 16, 24, 32, 32f, 64 */
  readonly depth?: string;
  readonly container?: string;
}

/** A WAV file of interleaved samples, in the numbers of its depth. */
export function waveFile(samples: ArrayLike<number>, options: WaveOptions = {}): Uint8Array {
  const { channels = 1, sampleRateHz = 16_000, depth = '16', container = 'RIFF' } = options;
  const wave = new wavefile.WaveFile();
  const apart = Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: samples.length / channels }, (_, frame) => samples[frame * channels + channel] as number),
  );
  wave.fromScratch(channels, sampleRateHz, depth, channels === 1 ? samples : apart, { container });
  return wave.toBuffer();
}

/** The place of a chunk's id in a little-endian file. */
export function chunkAt(file: Uint8Array, id: string): number {
  return Buffer.from(file).indexOf(id, 12, 'latin1');
}

/** A copy with a little-endian number written into it. */
export function patched(file: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(value, at);
  return copy;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** A RIFF chunk. */
export function chunk(id: string, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(body.length, 4);
  return joined(header, body, new Uint8Array(body.length % 2));
}
