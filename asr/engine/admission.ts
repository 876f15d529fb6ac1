import type { Adapter } from '../../adapters/adapter.ts';
import type { ContextPolicy } from '../../adapters/manifest.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { requireFinite } from '../audio/require-finite.ts';
import { decoderRoom } from '../decoding/token-limit.ts';
import { contextFor, SAMPLES_PER_POSITION } from '../features/context.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { WIDEST_BEAM } from './beam-sizes.ts';
import type { ContextChoice } from './context-choice.ts';
import type { RecognitionRequest } from './recognition.ts';

/** Added to the tail of a short context on the first retry: 3 s. */
const RETRY_TAIL_POSITIONS = 150;

/**
 * The contexts of an utterance's attempts, ascending. An adapter's policy gives the short one, where the utterance has
 * a length that the adapter was trained for; then 3 s more, then the full context. Without a policy there is only the
 * full context: stock Whisper repeats itself on less.
 */
export function attemptContexts(sampleCount: number, policy: ContextPolicy | null, maxContext: number): readonly number[] {
  const durationMs = (1000 * sampleCount) / SAMPLE_RATE_HZ;
  if (policy === null || durationMs < policy.trainedMinMs || durationMs > policy.trainedMaxMs) return [maxContext];
  const short = contextFor(sampleCount, policy.tailPositions, maxContext);
  const longer = Math.min(short + RETRY_TAIL_POSITIONS, maxContext);
  return [...new Set([short, longer, maxContext])];
}

/** What gives a row its short context; null if it has none. */
export function chosenPolicy(adapter: Adapter | null, choice: ContextChoice = 'policy'): ContextPolicy | null {
  if (choice === 'full') return null;
  if (choice === 'policy') return adapter?.manifest.contextPolicy ?? null;
  return { tailPositions: choice.tailPositions, trainedMinMs: 0, trainedMaxMs: Number.POSITIVE_INFINITY };
}

/** @throws FloraAsrError `audio_empty`, `audio_too_long`, `audio_not_finite` */
export function requireUtterance(samples: Float32Array, maxContext: number): void {
  if (samples.length === 0) throw new FloraAsrError('audio_empty', 'The audio has no samples.');
  const longest = maxContext * SAMPLES_PER_POSITION;
  if (samples.length > longest) {
    const [given, most] = [samples.length, longest].map((count) => (count / SAMPLE_RATE_HZ).toFixed(1));
    throw new FloraAsrError('audio_too_long', `One utterance is at most ${most} s long, this one is ${given} s; split it.`);
  }
  requireFinite(samples);
}

const MOST_HOT_WORDS = 100;
const LONGEST_HOT_WORD = 50;

/**
 * What a request may ask for beside its words.
 * @param promptLength forced tokens before the text
 * @throws FloraAsrError `argument_invalid`, with the request's field as `param`
 */
export function requireAskable(
  { temperature = 0, beamSize = 1, hotWords = [], prefix = [], draft = [] }: RecognitionRequest,
  { config, promptLength }: { readonly config: WhisperConfig; readonly promptLength: number },
): void {
  if (!(temperature >= 0 && temperature <= 1)) {
    throw invalid('temperature', `temperature is a number from 0 to 1, not ${temperature}.`);
  }
  if (!(Number.isInteger(beamSize) && beamSize >= 1 && beamSize <= WIDEST_BEAM)) {
    throw invalid('beamSize', `A beam has 1 to ${WIDEST_BEAM} hypotheses, not ${beamSize}.`);
  }
  if (hotWords.length > MOST_HOT_WORDS) {
    throw invalid('hotWords', `A row takes at most ${MOST_HOT_WORDS} hot words, not ${hotWords.length}.`);
  }
  for (const phrase of hotWords) {
    const length = Array.from(phrase.trim()).length;
    if (length > 0 && length <= LONGEST_HOT_WORD) continue;
    throw invalid('hotWords', `A hot word has 1 to ${LONGEST_HOT_WORD} characters; "${phrase.slice(0, 80)}" has ${length}.`);
  }
  for (const [param, tokens] of Object.entries({ prefix, draft } as const)) {
    const strange = tokens.find((token) => !maySay(token, config));
    if (strange !== undefined) throw invalid(param as 'prefix' | 'draft', `A ${param} is of text tokens; ${strange} is none.`);
  }
  const room = decoderRoom({ maxTokens: config.maxTokens, prompt: promptLength });
  if (prefix.length >= room) throw invalid('prefix', `A prefix has less than ${room} tokens, not ${prefix.length}.`);
}

/** Whether a text may have the token: the model may say a language's, too, and a row goes on from what another has said. */
function maySay(token: number, { special }: WhisperConfig): boolean {
  return Number.isInteger(token) && token >= 0 && token < special.timestampBegin && token !== special.endOfText;
}

function invalid(param: keyof RecognitionRequest, message: string): FloraAsrError {
  return new FloraAsrError('argument_invalid', message, { param });
}
