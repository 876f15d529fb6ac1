/** How one sample of linear PCM is stored. Integers are signed, but for those of one byte. */
export interface LinearEncoding {
  readonly kind: 'integer' | 'float';
  readonly bytesPerSample: number;
  readonly bigEndian: boolean;
}

type ReadSample = (view: DataView, at: number) => number;

/**
 * Stored samples as numbers; full scale of an integer is 1. Bytes that do not fill a last sample are
 * left out.
 */
export function linearSamples(bytes: Uint8Array, encoding: LinearEncoding): Float32Array {
  const { bytesPerSample } = encoding;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array(Math.floor(bytes.length / bytesPerSample));
  const read = readerOf(encoding);
  for (let index = 0, at = 0; index < samples.length; index += 1, at += bytesPerSample) samples[index] = read(view, at);
  return samples;
}

/** Whether `linearSamples` knows this encoding. */
export function isLinearEncoding({ kind, bytesPerSample }: LinearEncoding): boolean {
  return (kind === 'integer' ? [1, 2, 3, 4] : [4, 8]).includes(bytesPerSample);
}

function readerOf({ kind, bytesPerSample, bigEndian }: LinearEncoding): ReadSample {
  const little = !bigEndian;
  if (kind === 'float') {
    return bytesPerSample === 4 ? (view, at) => view.getFloat32(at, little) : (view, at) => view.getFloat64(at, little);
  }
  switch (bytesPerSample) {
    case 1:
      return (view, at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (view, at) => view.getInt16(at, little) / 2 ** 15;
    case 3:
      return little
        ? (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23
        : (view, at) => (view.getInt16(at, false) * 256 + view.getUint8(at + 2)) / 2 ** 23;
    default:
      return (view, at) => view.getInt32(at, little) / 2 ** 31;
  }
}
