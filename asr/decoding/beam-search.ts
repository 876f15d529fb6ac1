import type { TokenId } from '../whisper/config.ts';
import { isChosen, type RowDecoding, type RowStep, takeStep } from './row-decoding.ts';

/** A token that may come next. */
export interface Choice {
  readonly token: TokenId;
  /** natural logarithm, the model's own */
  readonly logProb: number;
  /** by which choices are compared: the log-probability, and what favours the token beside it */
  readonly score: number;
}

/** What the model said of a hypothesis. */
export interface BeamStep extends Pick<RowStep, 'noSpeechLogProb'> {
  /** the likeliest first: one, or one more than the beam has hypotheses */
  readonly choices: readonly Choice[];
}

/** One of the texts that a row may turn out to have. */
export interface Hypothesis {
  readonly decoding: RowDecoding;
  /** of the tokens that were chosen, together */
  readonly score: number;
}

/** What a beam's hypotheses became. */
export interface Extension {
  /** those that go on, the likeliest first, and from which of them each does; those that nothing goes on from are dropped */
  readonly live: readonly { readonly from: number; readonly hypothesis: Hypothesis }[];
  readonly ended: readonly Hypothesis[];
}

/** In nats: a way on that is so much less likely than the likeliest one, or than a text that has ended, is dropped. */
const WIDEST_MARGIN = 4;

/** How many choices a beam of that width needs of each hypothesis: one of them may end its text. */
export function choicesFor(width: number): number {
  return width === 1 ? 1 : width + 1;
}

/**
 * Goes on by one token: of all ways on from all hypotheses, the likeliest, as many as the beam is wide. Ways that end a
 * text count beside those that go on, if they are likelier than the last of these (openai/whisper, `BeamSearchDecoder`).
 * Ways that are far less likely than the likeliest are dropped. With a width of 1 this is greedy decoding. The hypotheses
 * that were given are not to be used any more.
 * @param steps of each hypothesis
 * @param endedBefore texts that have ended in earlier steps
 */
export function extendBeam(
  beam: readonly Hypothesis[],
  steps: readonly BeamStep[],
  width: number,
  endedBefore: readonly Hypothesis[] = [],
): Extension {
  const ways = beam.flatMap(({ decoding, score }, from) => {
    const step = steps[from] as BeamStep;
    return waysOn(decoding, step, width).map((choice) => ({ from, choice, step, score: score + choice.score }));
  });
  // a stable order: between equals, the earlier hypothesis
  ways.sort((left, right) => right.score - left.score);
  const best = Math.max(ways[0]?.score ?? Number.NEGATIVE_INFINITY, ...endedBefore.map(({ score }) => score));
  const live: { from: number; hypothesis: Hypothesis }[] = [];
  const ended: Hypothesis[] = [];
  for (const { from, choice, step, score } of ways) {
    if (live.length === width || (width === 1 && ended.length === 1) || score < best - WIDEST_MARGIN) break;
    const parent = (beam[from] as Hypothesis).decoding;
    const decoding = width === 1 ? parent : branchOf(parent);
    const { noSpeechLogProb } = step;
    takeStep(decoding, { next: choice.token, nextLogProb: choice.logProb, noSpeechLogProb });
    if (decoding.ending === null) live.push({ from, hypothesis: { decoding, score } });
    else ended.push({ decoding, score });
  }
  return { live, ended };
}

/** Whether a search is over: nothing goes on, or as many texts have ended as the beam is wide. */
export function isSettled(live: readonly Hypothesis[], ended: readonly Hypothesis[], width: number): boolean {
  return live.length === 0 || ended.length >= width;
}

/**
 * The text that is taken: of those that end by themselves, if there are any, the one with the highest score for each
 * token; long texts are not to lose against short ones.
 */
export function bestHypothesis(ended: readonly Hypothesis[]): RowDecoding {
  const complete = ended.filter(({ decoding }) => decoding.ending === 'end_of_text');
  const [first, ...others] = complete.length > 0 ? complete : ended;
  if (first === undefined) throw new RangeError('No text has ended.');
  return others.reduce((best, other) => (perToken(other) > perToken(best) ? other : best), first).decoding;
}

function perToken({ decoding, score }: Hypothesis): number {
  const chosen = decoding.logProbs.length - decoding.rules.prefix.length;
  return chosen === 0 ? 0 : score / chosen;
}

/** Several where the model chooses; while tokens are forced, the one that is. */
function waysOn(decoding: RowDecoding, { choices }: BeamStep, width: number): readonly Choice[] {
  if (isChosen(decoding)) return choices.slice(0, choicesFor(width));
  const [forced] = choices;
  if (forced === undefined) throw new RangeError('A step has at least one choice.');
  return [{ ...forced, score: 0 }];
}

/** Another text that begins the same. */
function branchOf(decoding: RowDecoding): RowDecoding {
  return {
    ...decoding,
    tokens: [...decoding.tokens],
    logProbs: [...decoding.logProbs],
    queries: [...decoding.queries],
    mask: null,
  };
}
