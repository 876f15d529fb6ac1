import { filtered, highPass, lowPass } from './biquad.ts';
import { type CompandingLaw, companded } from './companding.ts';
import { quickResample } from './quick-resample.ts';

/** 300 to 3,400 Hz. What folds over is down by 20 dB at 4.1 kHz and by 33 at 4.6, more than ITU-T G.712 asks for. */
const BAND = [...highPass(300, 4), ...lowPass(3_400, 8)];

/** How a signal comes out of a telephone: of 300 to 3,400 Hz, at 8 kHz, of eight bits. */
export function overTelephone(samples: Float32Array, law: CompandingLaw): Float32Array {
  const band = filtered(samples, BAND);
  const narrow = Float32Array.from({ length: Math.ceil(band.length / 2) }, (_, index) => band[2 * index] as number);
  return quickResample(companded(narrow, law), 2, 1).subarray(0, samples.length);
}
