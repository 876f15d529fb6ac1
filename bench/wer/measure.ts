import pLimit from 'p-limit';
import { DEFAULT_BEAM_SIZES } from '../../asr/engine/beam-sizes.ts';
import type { ContextChoice } from '../../asr/engine/context-choice.ts';
import type { Engine } from '../../asr/engine/engine.ts';
import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import { seededRandom } from '../benches/draw.ts';
import type { Utterance } from '../corpora/corpus.ts';
import type { ResampleOptions } from '../metrics/bootstrap.ts';
import { engineHypothesis, type Hypothesis, missingHypothesis } from './hypothesis.ts';
import { type HeardUtterance, heardUtterance, type SystemScores, systemScores } from './system-scores.ts';

export interface RecogniseOptions {
  /** 16 kHz mono; asked for when the utterance's turn comes */
  readonly samplesOf: (utterance: Utterance) => Float32Array;
  /** `name` or `name@version`; null: the base model */
  readonly adapterOf: (utterance: Utterance) => string | null;
  /** by the adapter's policy, if left out; without an adapter that is the full context */
  readonly context?: ContextChoice;
  /** as for recordings, if left out */
  readonly beamSize?: number;
  readonly signal?: AbortSignal;
  /** as they come */
  readonly onHeard?: (utterance: Utterance, hypothesis: Hypothesis) => void;
}

export interface Measured {
  /** in the order of the utterances */
  readonly heard: readonly HeardUtterance[];
  /** by language, in the order in which they come */
  readonly languages: ReadonlyMap<string, SystemScores>;
}

/** Enough to fill every batch, below the engine's queue of 256. */
const IN_FLIGHT = 128;
const SHUFFLE_SEED = 1;

/** What an utterance fails with by itself; anything else ends the run. */
const OF_ONE_UTTERANCE: ReadonlySet<ErrorCode> = new Set([
  'audio_empty',
  'audio_too_long',
  'audio_not_finite',
  'language_unknown',
  'engine_failed',
]);

/**
 * Recognises utterances as a user's recordings are: a beam of hypotheses, guards on, retries on, each with its adapter,
 * all languages in one shared batch. This is what `npm run eval` reports, and what training's dev WER is.
 * @throws FloraAsrError as `recogniseUtterances`
 */
export async function measure(
  engine: Pick<Engine, 'recognise'>,
  utterances: readonly Utterance[],
  { seed, resamples, ...options }: RecogniseOptions & Pick<ResampleOptions, 'seed' | 'resamples'>,
): Promise<Measured> {
  const hypotheses = await recogniseUtterances(engine, utterances, options);
  const heard = utterances.map((utterance, index) => heardUtterance(utterance, hypotheses[index] as Hypothesis));
  const languages = new Map<string, SystemScores>();
  for (const language of new Set(utterances.map((utterance) => utterance.language))) {
    const own = heard.filter(({ utterance }) => utterance.language === language);
    languages.set(language, systemScores(own, { seed, ...(resamples !== undefined && { resamples }) }));
  }
  return { heard, languages };
}

/**
 * The order of work is shuffled, always in the same way, so that batches hold all languages; a text depends on its own
 * audio alone.
 * @returns in the order of the utterances; what fails by itself has no text
 * @throws FloraAsrError `cancelled`, `engine_closed`, `queue_full`, `adapter_not_found`; what all utterances failed with
 */
export async function recogniseUtterances(
  engine: Pick<Engine, 'recognise'>,
  utterances: readonly Utterance[],
  { samplesOf, adapterOf, context, beamSize = DEFAULT_BEAM_SIZES.file, signal, onHeard }: RecogniseOptions,
): Promise<readonly Hypothesis[]> {
  const turns = pLimit(IN_FLIGHT);
  const hypotheses: Hypothesis[] = [];
  const failures: FloraAsrError[] = [];
  const recognise = async (utterance: Utterance): Promise<Hypothesis> => {
    try {
      const result = await engine.recognise({
        samples: samplesOf(utterance),
        language: utterance.language,
        adapter: adapterOf(utterance),
        beamSize,
        ...(context !== undefined && { context }),
        ...(signal && { signal }),
      });
      return engineHypothesis(result);
    } catch (error) {
      if (!(error instanceof FloraAsrError && OF_ONE_UTTERANCE.has(error.code))) throw error;
      failures.push(error);
      return missingHypothesis(error.code);
    }
  };
  await Promise.all(
    shuffled(utterances.length).map((index) =>
      turns(async () => {
        const utterance = utterances[index] as Utterance;
        const hypothesis = await recognise(utterance);
        hypotheses[index] = hypothesis;
        onHeard?.(utterance, hypothesis);
      }),
    ),
  ).catch((error) => {
    turns.clearQueue();
    throw error;
  });
  const [first] = failures;
  if (first !== undefined && failures.length === utterances.length) throw first;
  return hypotheses;
}

/** The places of a list in an order of its own, the same each time (Fisher and Yates). */
function shuffled(length: number): readonly number[] {
  const random = seededRandom(SHUFFLE_SEED);
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
