/** What an engine has done since it started; all counts only grow. */
export interface EngineStats {
  readonly finishedRows: number;
  readonly failedRows: number;
  readonly cancelledRows: number;
  readonly retries: number;
  /** guards that tripped, retried or not */
  readonly trips: { readonly repetition: number; readonly length: number; readonly silence: number };
  readonly encodeBatches: number;
  readonly encodedRows: number;
  /** encoder positions that rows asked for, and that were computed with padding */
  readonly positions: number;
  readonly paddedPositions: number;
  readonly decodeSteps: number;
  /** rows of all steps together */
  readonly decodedTokens: number;
  /** batches and steps whose rows have more than one adapter */
  readonly mixedBatches: number;
  readonly mixedSteps: number;
  /** since the engine started */
  readonly upMilliseconds: number;
  readonly milliseconds: StageMilliseconds;
}

/**
 * Where the time of the engine's threads went. Features and encoder may run beside the others, so that all of them together
 * are more than the time that passed.
 */
export interface StageMilliseconds {
  readonly features: number;
  /** the encoder's graph, cross-attention keys and values included */
  readonly encode: number;
  /** copies of cross-attention keys and values into the pools */
  readonly join: number;
  /** the decoder's graph */
  readonly decode: number;
  /** copies of new keys and values into the caches */
  readonly append: number;
  /** scheduling, folding of results, text, messages */
  readonly script: number;
  /** nobody had anything to do */
  readonly idle: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Mutable<T[Key]> };
export type EngineCounters = Mutable<EngineStats>;

export function zeroCounters(): EngineCounters {
  return {
    finishedRows: 0,
    failedRows: 0,
    cancelledRows: 0,
    retries: 0,
    trips: { repetition: 0, length: 0, silence: 0 },
    encodeBatches: 0,
    encodedRows: 0,
    positions: 0,
    paddedPositions: 0,
    decodeSteps: 0,
    decodedTokens: 0,
    mixedBatches: 0,
    mixedSteps: 0,
    upMilliseconds: 0,
    milliseconds: { features: 0, encode: 0, join: 0, decode: 0, append: 0, script: 0, idle: 0 },
  };
}

/** The difference of two readings of one engine. */
export function statsSince(now: EngineStats, before: EngineStats): EngineStats {
  return subtract(now, before) as EngineStats;
}

function subtract(now: object, before: object): object {
  const earlier = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(now).map(([name, value]) =>
      typeof value === 'number' ? [name, value - (earlier[name] as number)] : [name, subtract(value, earlier[name] as object)],
    ),
  );
}
