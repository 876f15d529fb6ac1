import type { Utterance } from '../corpora/corpus.ts';
import type { Hypothesis } from './hypothesis.ts';
import type { SystemKey, TranscriptCache } from './transcript-cache.ts';

/** Something that turns utterances into texts. */
export interface EvalSystem {
  /** its name in JSON */
  readonly name: string;
  /** for people */
  readonly title: string;
  /** whether it is asked about utterances of the language */
  serves(language: string): boolean;
  /** Utterances of languages that it serves; hypotheses in their order. */
  hear(utterances: readonly Utterance[], progress: HearProgress): Promise<readonly Hypothesis[]>;
}

export interface HearProgress {
  /** so many of them were in the cache */
  readonly onCached: (count: number, total: number) => void;
  readonly onDone: (done: number, total: number) => void;
}

export interface Caching {
  readonly cache: TranscriptCache;
  readonly samplesOf: (utterance: Utterance) => Float32Array;
  readonly keyOf: (utterance: Utterance) => SystemKey;
}

export type OnHeard = (utterance: Utterance, hypothesis: Hypothesis) => void;

/**
 * Texts from the cache, and those that are not there from `hear`, which is kept from then on; an interrupted run goes
 * on where it was.
 * @param hear is not called for nothing; tells of each utterance once
 * @returns in the order of the utterances
 */
export async function hearThroughCache(
  utterances: readonly Utterance[],
  { cache, samplesOf, keyOf, onCached, onDone }: Caching & HearProgress,
  hear: (missing: readonly Utterance[], onHeard: OnHeard) => Promise<unknown>,
): Promise<readonly Hypothesis[]> {
  const transcriptKey = (utterance: Utterance) => ({
    system: keyOf(utterance),
    language: utterance.language,
    samples: samplesOf(utterance),
  });
  const heard = new Map<string, Hypothesis>();
  const missing: Utterance[] = [];
  for (const utterance of utterances) {
    const known = await cache.find(transcriptKey(utterance));
    if (known === null) missing.push(utterance);
    else heard.set(utterance.id, known);
  }
  if (heard.size > 0) onCached(heard.size, utterances.length);
  if (missing.length > 0) {
    let keeping: Promise<void> = Promise.resolve();
    const onHeard: OnHeard = (utterance, hypothesis) => {
      heard.set(utterance.id, hypothesis);
      keeping = keeping.then(() => cache.keep(transcriptKey(utterance), hypothesis));
      keeping.catch(() => undefined); // awaited below
      onDone(heard.size, utterances.length);
    };
    try {
      await hear(missing, onHeard);
    } finally {
      await keeping;
    }
  }
  return utterances.map(({ id }) => heard.get(id) as Hypothesis);
}
