/** In which language an utterance was found to be. */
export interface LanguageFinding {
  readonly language: string;
  /** among those that it could be */
  readonly probability: number;
  /** that was listened to */
  readonly audioMs: number;
}

/** What a stream of unknown language has been found to be in. */
export interface LanguageLock {
  /** once it is certain, it stays; null before */
  readonly language: string | null;
  readonly last: LanguageFinding | null;
}

export const UNLOCKED: LanguageLock = { language: null, last: null };

/** Of one utterance alone, on so much audio at least. */
const CERTAIN = { probability: 0.95, audioMs: 2_000 };
/** Of two in a row, of any length. */
const LIKELY = 0.8;

/** The lock after one more utterance was listened to, in their order. */
export function lockAfter(lock: LanguageLock, finding: LanguageFinding): LanguageLock {
  if (lock.language !== null) return lock;
  const { language, probability, audioMs } = finding;
  const certain = probability >= CERTAIN.probability && audioMs >= CERTAIN.audioMs;
  const again = probability >= LIKELY && lock.last?.language === language && lock.last.probability >= LIKELY;
  return { language: certain || again ? language : null, last: finding };
}
