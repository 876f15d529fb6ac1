import type { ContextPolicy } from '../../adapters/manifest.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { languageToken, promptTokens } from '../whisper/prompt.ts';
import { attemptContexts, chosenPolicy, requireAskable } from './admission.ts';
import { DEFAULT_DECODING, NOTHING_MORE, type UtteranceJob } from './job.ts';
import { DETECTION_CONTEXT, type DetectionRequest } from './language-detection.ts';
import type { RecognitionRequest } from './recognition.ts';

/** All of a job that follows from its request; the engine gives it a number and a slot. */
export type JobContent = Omit<UtteranceJob, 'id' | 'adapterSlot'>;

/**
 * What a request for words asks of the worker.
 * @param policy of the adapter that decodes it; null for the base model
 * @throws FloraAsrError `language_unknown`, `argument_invalid`
 */
export function wordsJob(request: RecognitionRequest, config: WhisperConfig, policy: ContextPolicy | null): JobContent {
  const { samples, language, task = 'transcribe' } = request;
  const prompt = promptTokens(config, languageToken(config, language), task);
  // a prompt of words may take half of the decoder's positions
  requireAskable(request, { config, promptLength: config.maxTokens / 2 + prompt.length });
  return {
    samples,
    prompt,
    contexts: attemptContexts(samples.length, policy, config.maxContext),
    decoding: { ...DEFAULT_DECODING, ...request.decoding },
    purpose: 'words',
    promptText: request.prompt?.trim() ? request.prompt.trim() : null,
    hotWords: request.hotWords ?? [],
    temperature: request.temperature ?? 0,
    beamSize: request.beamSize ?? 1,
    prefix: request.prefix ?? [],
    draft: request.draft ?? [],
    words: request.words ?? false,
    deferrable: request.deferrable ?? false,
  };
}

/** What a request for the language asks of the worker: one attempt, by the base model. */
export function languageJob({ samples, context }: DetectionRequest, config: WhisperConfig): JobContent {
  const policy = chosenPolicy(null, context ?? DETECTION_CONTEXT);
  return {
    ...NOTHING_MORE,
    samples,
    purpose: 'language',
    prompt: [config.special.startOfTranscript],
    contexts: attemptContexts(samples.length, policy, config.maxContext).slice(0, 1),
    decoding: DEFAULT_DECODING,
  };
}
