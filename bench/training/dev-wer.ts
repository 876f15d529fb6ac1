import type { Adapter } from '../../adapters/adapter.ts';
import type { MeasureDev } from '../../adapters/training/measure-dev.ts';
import type { Engine } from '../../asr/engine/engine.ts';
import type { Utterance } from '../corpora/corpus.ts';
import { mean } from '../metrics/statistics.ts';
import { measure } from '../wer/measure.ts';
import type { TrainingData } from './training-data.ts';

export type DevSet = Pick<TrainingData, 'learners' | 'dev'>;

export interface DevWerOptions extends DevSet {
  readonly engine: Engine;
  /** a learner's parameters as an adapter of this version, whose name no other adapter has */
  readonly adapterOf: (learner: number, version: string, parameters: Float32Array) => Adapter;
  readonly signal?: AbortSignal;
}

/** Intervals are not asked for while training. */
const NO_RESAMPLING = { seed: 1, resamples: 1 } as const;

/**
 * Dev WER of learners as `npm run eval` measures it: all languages in one shared batch, each with its adapter, guards on.
 * Adapters are loaded for the time of a measurement.
 */
export function devWer({ engine, adapterOf, signal, ...set }: DevWerOptions): MeasureDev {
  let measurements = 0;
  return async (parameters) => {
    measurements += 1;
    const adapters = parameters.map((values, learner) => adapterOf(learner, `0.0.${measurements}`, values));
    for (const adapter of adapters) engine.loadAdapter(adapter);
    try {
      return await werOf(engine, adapters, set, signal);
    } finally {
      for (const { id } of adapters) engine.unloadAdapter(id);
    }
  };
}

/** WER of each learner's utterances with its adapter, which the engine has: the mean over its languages, as fractions. */
export async function werOf(
  engine: Engine,
  adapters: readonly Adapter[],
  { learners, dev }: DevSet,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const corpusOf = new Map(dev.map(({ corpus, utterance }) => [utterance, corpus]));
  const idOf = new Map(
    learners.flatMap(({ languages }, learner) => languages.map((language) => [language, adapters[learner]?.id])),
  );
  const adapterOf = ({ language }: Utterance) => idOf.get(language) ?? null;
  const samplesOf = (utterance: Utterance) => corpusOf.get(utterance)?.samples(utterance) ?? new Float32Array(0);
  const utterances = dev.map(({ utterance }) => utterance);
  const measured = await measure(engine, utterances, { adapterOf, samplesOf, ...NO_RESAMPLING, ...(signal && { signal }) });
  return learners.map(({ languages }) =>
    mean(languages.map((language) => measured.languages.get(language)?.wer ?? Number.NaN)),
  );
}
