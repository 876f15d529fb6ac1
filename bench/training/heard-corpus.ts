import type { Engine } from '../../asr/engine/engine.ts';
import { type Corpus, isSpoken, type Utterance } from '../corpora/corpus.ts';
import { recogniseUtterances } from '../wer/measure.ts';

export interface HearingOptions {
  readonly engine: Pick<Engine, 'recognise'>;
  /** which utterances are wanted: hearing costs time */
  readonly choose: (corpus: Corpus) => readonly Utterance[];
  readonly signal?: AbortSignal;
  readonly onHeard?: (done: number, total: number) => void;
}

/**
 * A corpus whose texts are what the base model hears at full context: no transcripts are needed. An utterance of which it
 * hears nothing, or only after a guard has tripped, is left out.
 * @throws FloraAsrError as `recogniseUtterances`
 */
export async function heardCorpus(corpus: Corpus, { engine, choose, signal, onHeard }: HearingOptions): Promise<Corpus> {
  const chosen = choose(corpus);
  let done = 0;
  const hypotheses = await recogniseUtterances(engine, chosen, {
    samplesOf: (utterance) => corpus.samples(utterance),
    adapterOf: () => null,
    context: 'full',
    ...(signal && { signal }),
    onHeard: () => {
      done += 1;
      onHeard?.(done, chosen.length);
    },
  });
  const heard = chosen.flatMap((utterance, index) => {
    const { text, trips } = hypotheses[index] ?? { text: null, trips: null };
    if (text === null || text.trim() === '' || (trips?.length ?? 0) > 0) return [];
    return [{ ...utterance, text: text.trim(), spoken: isSpoken(text.trim(), utterance.durationSeconds) }];
  });
  return {
    name: corpus.name,
    languages: corpus.languages,
    utterances: ({ languages, split } = {}) =>
      heard.filter((one) => (languages?.includes(one.language) ?? true) && (split === undefined || one.split === split)),
    samples: (utterance) => corpus.samples(utterance),
  };
}
