import { createSampleDecoder, type SampleEncoding } from '../../asr/audio/sample-encodings.ts';

/** The two codes of G.711: Europe's A-law and America's and Japan's µ-law. */
export type CompandingLaw = Extract<SampleEncoding, 'mulaw' | 'alaw'>;

const LEVELS = 2 ** 16;
const FULL_SCALE = LEVELS / 2;

const tables = new Map<CompandingLaw, Float32Array>();

/** What is left of a signal after eight bits a sample: each becomes the nearest value that the law has a code for. */
export function companded(samples: Float32Array, law: CompandingLaw): Float32Array {
  const table = tables.get(law) ?? nearestValues(law);
  tables.set(law, table);
  return samples.map((sample) => {
    const level = Math.round(sample * FULL_SCALE) + FULL_SCALE;
    return table[Math.min(Math.max(level, 0), LEVELS - 1)] as number;
  });
}

/** For each sample of 16 bits, from the lowest up, the nearest of the 256 that the decoder knows. */
function nearestValues(law: CompandingLaw): Float32Array {
  const [decoded = new Float32Array()] = createSampleDecoder({ encoding: law, channels: 1 }).push(
    Uint8Array.from({ length: 256 }, (_, code) => code),
  );
  const values = decoded.toSorted();
  let nearest = 0; // µ-law has two values of 0: neither may stop the search
  return Float32Array.from({ length: LEVELS }, (_, level) => {
    const sample = (level - FULL_SCALE) / FULL_SCALE;
    const distance = (index: number) => Math.abs(sample - (values[index] ?? Number.POSITIVE_INFINITY));
    while (distance(nearest + 1) <= distance(nearest)) nearest += 1;
    return values[nearest] as number;
  });
}
