/** One try at decoding a row. */
export interface Attempt {
  /** encoder positions */
  readonly context: number;
  /** 0: the most likely tokens are taken */
  readonly temperature: number;
  /** hypotheses side by side; 1 where tokens are drawn */
  readonly beamSize: number;
  /** whether the decoder is told what was said before */
  readonly prompted: boolean;
}

export interface AttemptRules {
  /** encoder positions, ascending; at least one */
  readonly contexts: readonly number[];
  /** of the attempts by context */
  readonly temperature: number;
  readonly beamSize: number;
  readonly prompted: boolean;
  /** else there is one attempt */
  readonly retries: boolean;
}

/** What is tried when the most likely words are not believed (openai/whisper, in steps twice as large). */
const FALLBACK_TEMPERATURES = [0.4, 0.8];

/**
 * The attempts at a row, each of which follows only if a guard trips on the one before. More context comes first; then,
 * at the full context, words are drawn rather than the most likely ones taken. What was said before is told to the
 * first attempt alone: a loop in it feeds a loop.
 */
export function planAttempts({ contexts, temperature, beamSize, prompted, retries }: AttemptRules): readonly Attempt[] {
  const [first, ...longer] = contexts;
  if (first === undefined) throw new RangeError('A row has at least one context.');
  const settings = { temperature, beamSize: temperature === 0 ? beamSize : 1 };
  const begin: Attempt = { context: first, ...settings, prompted };
  if (!retries) return [begin];
  const full = longer.at(-1) ?? first;
  const unprompted = prompted && longer.length === 0 ? [full] : [];
  return [
    begin,
    ...[...unprompted, ...longer].map((context) => ({ context, ...settings, prompted: false })),
    ...FALLBACK_TEMPERATURES.filter((higher) => higher > temperature).map((higher) => ({
      context: full,
      temperature: higher,
      beamSize: 1,
      prompted: false,
    })),
  ];
}
