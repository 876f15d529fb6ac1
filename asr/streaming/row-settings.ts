import type { RecognitionRequest } from '../engine/recognition.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** How the utterances of a channel are asked for, from some place of its audio on. */
export interface RowSettings {
  readonly language: SpokenLanguage;
  readonly request: RowRequest;
}

/** What is the same for all of them, whatever their language. */
export type RowRequest = Pick<
  RecognitionRequest,
  'adapter' | 'context' | 'decoding' | 'task' | 'prompt' | 'hotWords' | 'temperature' | 'beamSize' | 'words'
>;

/** What a stream may tell of its words at any time. */
export type Bias = Pick<RecognitionRequest, 'prompt' | 'hotWords'>;

/** Of a stream's options, those that are asked of each row. */
export function rowRequest(options: RowRequest): RowRequest {
  const { adapter, context, decoding, task, prompt, hotWords, temperature, beamSize, words } = options;
  return {
    ...(adapter !== undefined && { adapter }),
    ...(context && { context }),
    ...(decoding && { decoding }),
    ...(task && { task }),
    ...(prompt !== undefined && { prompt }),
    ...(hotWords && { hotWords }),
    ...(temperature !== undefined && { temperature }),
    ...(beamSize !== undefined && { beamSize }),
    ...(words !== undefined && { words }),
  };
}
