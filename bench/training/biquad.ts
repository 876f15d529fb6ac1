import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';

/** y[n] = b0·x[n] + b1·x[n−1] + b2·x[n−2] − a1·y[n−1] − a2·y[n−2], for signals at 16 kHz. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** A place in the spectrum, and by how much it is raised. */
export interface Shape {
  readonly hz: number;
  readonly decibels: number;
}

// Formulas: R. Bristow-Johnson, Audio EQ Cookbook.

/** A Butterworth low-pass of an even order, as sections of two: down by 3 dB at `hz`. */
export function lowPass(hz: number, order: number): readonly Biquad[] {
  return butterworthQualities(order).map((quality) => {
    const { cosine, alpha } = pole(hz, quality);
    return section([(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2], [1 + alpha, -2 * cosine, 1 - alpha]);
  });
}

/** A Butterworth high-pass of an even order, as sections of two: down by 3 dB at `hz`. */
export function highPass(hz: number, order: number): readonly Biquad[] {
  return butterworthQualities(order).map((quality) => {
    const { cosine, alpha } = pole(hz, quality);
    return section([(1 + cosine) / 2, -1 - cosine, (1 + cosine) / 2], [1 + alpha, -2 * cosine, 1 - alpha]);
  });
}

/** A bell around `hz`, about an octave wide. */
export function bell({ hz, decibels }: Shape): Biquad {
  const { cosine, alpha } = pole(hz, Math.SQRT2);
  const gain = 10 ** (decibels / 40);
  return section([1 + alpha * gain, -2 * cosine, 1 - alpha * gain], [1 + alpha / gain, -2 * cosine, 1 - alpha / gain]);
}

/** Raises what is above `hz`, half of it there. */
export function highShelf({ hz, decibels }: Shape): Biquad {
  const { cosine, alpha } = pole(hz, Math.SQRT1_2);
  const gain = 10 ** (decibels / 40);
  const [more, less, slope] = [gain + 1, gain - 1, 2 * Math.sqrt(gain) * alpha];
  return section(
    [gain * (more + less * cosine + slope), -2 * gain * (less + more * cosine), gain * (more + less * cosine - slope)],
    [more - less * cosine + slope, 2 * (less - more * cosine), more - less * cosine - slope],
  );
}

/** Through all sections, one after the other; each begins with silence. */
export function filtered(samples: Float32Array, sections: readonly Biquad[]): Float32Array {
  const result = samples.slice();
  for (const { b0, b1, b2, a1, a2 } of sections) {
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    for (let index = 0; index < result.length; index += 1) {
      const x = result[index] as number;
      const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
      result[index] = y;
      [x2, x1, y2, y1] = [x1, x, y1, y];
    }
  }
  return result;
}

function pole(hz: number, quality: number): { readonly cosine: number; readonly alpha: number } {
  const angle = (2 * Math.PI * hz) / SAMPLE_RATE_HZ;
  return { cosine: Math.cos(angle), alpha: Math.sin(angle) / (2 * quality) };
}

function section([b0, b1, b2]: [number, number, number], [a0, a1, a2]: [number, number, number]): Biquad {
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: a1 / a0, a2: a2 / a0 };
}

/** Of each pair of poles, which lie evenly on a half circle. */
function butterworthQualities(order: number): readonly number[] {
  return Array.from({ length: order / 2 }, (_, pair) => 1 / (2 * Math.cos((Math.PI * (2 * pair + 1)) / (2 * order))));
}
