import { requireUtterance } from '../../asr/engine/admission.ts';
import { contextFor, FRAMES_PER_POSITION } from '../../asr/features/context.ts';
import { logMel } from '../../asr/features/log-mel.ts';
import { NO_TARGET, type TrainingRow } from '../../asr/training/training-row.ts';
import { languageToken, promptTokens } from '../../asr/whisper/prompt.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { type TextModel, trainingTokens } from './training-tokens.ts';

/** An utterance as it is learned from. */
export interface Example {
  /** 16 kHz */
  readonly samples: Float32Array;
  /** cased and punctuated */
  readonly text: string;
  /** BCP-47 tag */
  readonly language: string;
}

/** The encoder positions of a row: 30 s, or its own length and a tail. */
export type ExampleContext = 'full' | { readonly tailPositions: number };

export interface PrepareOptions extends TextModel {
  readonly context: ExampleContext;
}

/**
 * The row that a trainer takes: features as the engine computes and pads them, and the tokens that its decoder is to write
 * behind the same prompt.
 * @throws FloraAsrError `audio_empty`, `audio_too_long`, `audio_not_finite`, `language_unknown`; `argument_invalid` with
 * param `text` for a text that decoding would never give (`trainingTokens` says so beforehand)
 */
export function prepareExample({ samples, text, language }: Example, options: PrepareOptions): TrainingRow {
  const { config, context: choice } = options;
  requireUtterance(samples, config.maxContext);
  const prompt = promptTokens(config, languageToken(config, language));
  const said = trainingTokens(text, samples.length, options);
  if (said.kind === 'refused')
    throw new FloraAsrError('argument_invalid', `${said.reason}: ${said.message}`, { param: 'text' });
  const context = choice === 'full' ? config.maxContext : contextFor(samples.length, choice.tailPositions, config.maxContext);
  return {
    mel: logMel(samples, { mels: config.mels, frames: FRAMES_PER_POSITION * context }),
    context,
    inputTokens: [...prompt, ...said.tokens],
    targetTokens: [...prompt.slice(1).map(() => NO_TARGET), ...said.tokens, config.special.endOfText],
  };
}
