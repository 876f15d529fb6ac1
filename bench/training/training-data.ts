import { FloraAsrError } from '../../kernels/errors.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import type { ExampleSource } from './compose-example.ts';
import type { PlannableUtterance } from './plan-epoch.ts';
import { type Refusal, type TextModel, trainingTokens } from './training-tokens.ts';

/** An utterance, and where its audio is. */
export interface SourcedUtterance {
  readonly corpus: Corpus;
  readonly utterance: Utterance;
}

/** Whose adapter is trained. */
export interface TrainedLanguages {
  /** unique in its run: the language, or what it is for */
  readonly name: string;
  /** that the adapter serves; null: any */
  readonly language: string | null;
  /** that it learns from */
  readonly languages: readonly string[];
}

/** What a run learns from and is measured on. */
export interface TrainingData {
  /** in the run's order */
  readonly learners: readonly TrainedLanguages[];
  readonly train: readonly (SourcedUtterance & PlannableUtterance)[];
  readonly dev: readonly SourcedUtterance[];
  readonly leftOut: readonly LeftOutUtterance[];
}

/** Why an utterance is not learned from: `not_spoken` if its text cannot have been said in its time. */
export interface LeftOutUtterance {
  readonly id: string;
  readonly reason: Refusal | 'not_spoken';
  readonly message: string;
}

export interface DataSelection extends TextModel {
  readonly corpora: readonly Corpus[];
  readonly learners: readonly TrainedLanguages[];
  /** so many training utterances of each language, the first ones in the order of `orderOf`; null: all */
  readonly limit: number | null;
  /** likewise of dev */
  readonly devLimit: number | null;
  /** a number for each utterance by which a limit chooses: the same for each run */
  readonly orderOf: (utterance: Utterance) => number;
}

/**
 * The training and dev utterances of each language, from all corpora.
 * @throws FloraAsrError `corpus_not_found` if a language has none in one of the splits
 */
export function selectData(selection: DataSelection): TrainingData {
  const { corpora, learners, limit, devLimit, orderOf } = selection;
  const leftOut: LeftOutUtterance[] = [];
  const first = <T extends SourcedUtterance>(all: readonly T[], most: number | null) =>
    firstOf(all, most, ({ utterance }) => orderOf(utterance));
  const of = (language: string, split: 'train' | 'dev'): readonly SourcedUtterance[] =>
    corpora.flatMap((corpus) =>
      corpus.utterances({ languages: [language], split }).map((utterance) => ({ corpus, utterance })),
    );
  const named = corpora.map(({ name }) => name).join(', ');
  const byLanguage = learners.flatMap(({ languages }, learner) => languages.map((language) => ({ language, learner })));
  const train = byLanguage.flatMap(({ language, learner }) => {
    const usable = of(language, 'train').flatMap((sourced) => {
      const checked = checkUtterance(sourced, selection);
      if ('reason' in checked) leftOut.push(checked);
      return 'reason' in checked ? [] : [{ ...sourced, learner, ...checked }];
    });
    if (usable.length === 0)
      throw new FloraAsrError('corpus_not_found', `${named}: no utterance of "${language}" to learn from.`);
    return first(usable, limit);
  });
  const dev = byLanguage.flatMap(({ language }) => {
    const spoken = of(language, 'dev').filter(({ utterance }) => utterance.spoken);
    if (spoken.length > 0) return first(spoken, devLimit);
    throw new FloraAsrError('corpus_not_found', `${named}: no utterance of "${language}" in the dev split to measure on.`);
  });
  return { learners, train, dev, leftOut };
}

/** So many, those with the lowest numbers; all if null. */
export function firstOf<T>(all: readonly T[], most: number | null, orderOf: (item: T) => number): readonly T[] {
  return most === null ? all : [...all].sort((one, other) => orderOf(one) - orderOf(other)).slice(0, most);
}

/** The training utterances as examples are made of them. */
export function exampleSource(train: TrainingData['train']): ExampleSource {
  return {
    count: train.length,
    open: (index) => {
      const { corpus, utterance } = train[index] as SourcedUtterance;
      return { samples: corpus.samples(utterance), text: utterance.text, language: utterance.language };
    },
  };
}

function checkUtterance(
  { corpus, utterance }: SourcedUtterance,
  model: TextModel,
): { readonly sampleCount: number; readonly textTokens: number } | LeftOutUtterance {
  const { id, text, spoken } = utterance;
  if (!spoken)
    return { id, reason: 'not_spoken', message: `"${text}" cannot have been said in ${utterance.durationSeconds} s.` };
  const sampleCount = corpus.samples(utterance).length;
  const said = trainingTokens(text, sampleCount, model);
  return said.kind === 'refused'
    ? { id, reason: said.reason, message: said.message }
    : { sampleCount, textTokens: said.tokens.length };
}
