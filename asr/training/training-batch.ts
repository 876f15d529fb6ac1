import { FloraAsrError } from '../../kernels/errors.ts';
import { type Feeds, tensor } from '../../kernels/session.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { encoderFeeds } from '../whisper/encoder-feeds.ts';
import { NO_TARGET, type TrainingRow } from './training-row.ts';

/** Added to the score of a key that is not seen. */
const UNSEEN = -1e30;

/** One row of a batch, and whose adapter it trains. */
export interface LearnerRow {
  /** the learner's number, counted from 0 */
  readonly learner: number;
  readonly row: TrainingRow;
}

/** A place where something is to be said. */
export interface TargetPlace {
  /** index into the batch's rows */
  readonly batchIndex: number;
  readonly position: number;
  readonly token: number;
}

/** A batch as a training graph takes it, apart from adapters and teacher. */
export interface BatchFeeds {
  readonly feeds: Feeds;
  /** in the order of the graph's `targets` axis */
  readonly targets: readonly TargetPlace[];
  /** each row's own encoder positions */
  readonly contexts: readonly number[];
  readonly paddedContext: number;
}

/**
 * Everything about a batch that its rows decide. A target's weight is 1 / (targets of its learner), so that each
 * learner's loss is the mean over its own tokens, whoever shares the batch.
 * @throws FloraAsrError `argument_invalid` for a row without targets or beyond the decoder's room, `shape_mismatch`
 */
export function batchFeeds(config: WhisperConfig, rows: readonly LearnerRow[]): BatchFeeds {
  for (const [index, { row }] of rows.entries()) checkRow(config, row, index);
  const { feeds, contexts, paddedContext } = encoderFeeds(
    rows.map(({ row }) => row.mel),
    config.mels,
  );
  const batch = rows.length;
  const places = Math.max(...rows.map(({ row }) => row.inputTokens.length));
  const targets = rows.flatMap(({ row }, batchIndex) =>
    row.targetTokens.flatMap((token, position) => (token === NO_TARGET ? [] : [{ batchIndex, position, token }])),
  );
  const placeOf = ({ batchIndex, position }: TargetPlace) => batchIndex * places + position;
  const perLearner = new Map<number, number>();
  const learnerOf = ({ batchIndex }: TargetPlace) => (rows[batchIndex] as LearnerRow).learner;
  for (const target of targets) perLearner.set(learnerOf(target), (perLearner.get(learnerOf(target)) ?? 0) + 1);

  const tokens = new Int32Array(batch * places).fill(config.special.endOfText);
  for (const [index, { row }] of rows.entries()) tokens.set(row.inputTokens, index * places);
  const placeTargets = new Int32Array(batch * places);
  const placeMask = new Float32Array(batch * places);
  for (const [index, target] of targets.entries()) {
    placeTargets[placeOf(target)] = index;
    placeMask[placeOf(target)] = 1;
  }
  const keyMask = new Float32Array(batch * paddedContext);
  for (const [index, context] of contexts.entries())
    keyMask.fill(UNSEEN, index * paddedContext + context, (index + 1) * paddedContext);
  return {
    targets,
    contexts,
    paddedContext,
    feeds: {
      ...feeds,
      learners: tensor(
        Int32Array.from(rows, ({ learner }) => learner),
        [batch],
      ),
      key_mask: tensor(keyMask, [batch, 1, 1, paddedContext]),
      tokens: tensor(tokens, [batch, places]),
      token_positions: tensor(
        Int32Array.from({ length: places }, (_, position) => position),
        [places],
      ),
      causal_mask: tensor(causalMask(places), [places, places]),
      target_places: tensor(Int32Array.from(targets, placeOf), [targets.length]),
      target_tokens: tensor(
        Int32Array.from(targets, ({ token }) => token),
        [targets.length],
      ),
      target_weights: tensor(
        Float32Array.from(targets, (target) => 1 / (perLearner.get(learnerOf(target)) ?? 1)),
        [targets.length, 1],
      ),
      place_targets: tensor(placeTargets, [batch, places]),
      place_mask: tensor(placeMask, [batch, places, 1]),
    },
  };
}

function checkRow(config: WhisperConfig, { inputTokens, targetTokens, mel, context }: TrainingRow, index: number): void {
  const wrong = (what: string) => new FloraAsrError('argument_invalid', `Row ${index} of a training batch ${what}.`);
  if (inputTokens.length !== targetTokens.length) {
    throw wrong(`is fed ${inputTokens.length} tokens and has ${targetTokens.length} targets`);
  }
  if (inputTokens.length > config.maxTokens) throw wrong(`has ${inputTokens.length} tokens, at most ${config.maxTokens} fit`);
  if (targetTokens.every((token) => token === NO_TARGET)) throw wrong('has nothing to learn');
  if (mel.frames !== 2 * context) throw wrong(`has ${mel.frames} frames for ${context} encoder positions`);
}

function causalMask(places: number): Float32Array {
  const mask = new Float32Array(places * places);
  for (let place = 0; place < places; place += 1) mask.fill(UNSEEN, place * places + place + 1, (place + 1) * places);
  return mask;
}
