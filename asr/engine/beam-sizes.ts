/** The most hypotheses that a row can have: every pool has places for them. */
export const WIDEST_BEAM = 5;

/** Hypotheses of each utterance: of a stream, for which somebody waits, and of a recording. */
export interface BeamSizes {
  readonly live: number;
  readonly file: number;
}

/** Where nothing else is asked for; measured in docs/adr/0020. */
export const DEFAULT_BEAM_SIZES: BeamSizes = { live: 1, file: 5 };
