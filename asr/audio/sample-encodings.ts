import { FloraAsrError } from '../../kernels/errors.ts';
import { deinterleave } from './channels.ts';
import { linearSamples } from './linear-samples.ts';

/** How samples come over a wire, channels interleaved; integers and floats little-endian. */
export type SampleEncoding = 'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw';

export interface SampleDecoder {
  /** one sample of every channel */
  readonly bytesPerFrame: number;
  /**
   * @param bytes whole frames; they may lie anywhere in memory, and are not kept
   * @returns samples in [-1, 1], one array per channel; floats as they are, finite or not
   * @throws FloraAsrError `audio_malformed`
   */
  push(bytes: Uint8Array): Float32Array[];
}

const BYTES_PER_SAMPLE: Record<SampleEncoding, number> = { pcm_s16le: 2, pcm_f32le: 4, mulaw: 1, alaw: 1 };

/** Makes samples of binary audio, message by message. */
export function createSampleDecoder({ encoding, channels }: { encoding: SampleEncoding; channels: number }): SampleDecoder {
  const bytesPerFrame = channels * BYTES_PER_SAMPLE[encoding];
  return {
    bytesPerFrame,
    push(bytes) {
      if (bytes.length % bytesPerFrame === 0) return deinterleave(decode(bytes, encoding), channels);
      const frame = `${encoding} with ${channels} ${channels === 1 ? 'channel' : 'channels'} has ${bytesPerFrame} bytes a frame`;
      throw new FloraAsrError(
        'audio_malformed',
        `A message must hold whole frames: ${frame}, but this one has ${bytes.length} bytes.`,
      );
    },
  };
}

function decode(bytes: Uint8Array, encoding: SampleEncoding): Float32Array {
  switch (encoding) {
    case 'pcm_s16le':
      return linearSamples(bytes, { kind: 'integer', bytesPerSample: 2, bigEndian: false });
    case 'pcm_f32le':
      return linearSamples(bytes, { kind: 'float', bytesPerSample: 4, bigEndian: false });
    case 'mulaw':
      return Float32Array.from(bytes, (code) => MU_LAW[code] as number);
    case 'alaw':
      return Float32Array.from(bytes, (code) => A_LAW[code] as number);
  }
}

/** ITU-T G.711, table 2: sign, three bits of segment, four of step; all bits inverted. */
const MU_LAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 2 ** 15;
});

/** ITU-T G.711, table 1: sign, segment, step; even bits inverted. */
const A_LAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return (bits & 0x80 ? magnitude : -magnitude) / 2 ** 15;
});
