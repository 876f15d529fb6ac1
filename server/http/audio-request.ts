import type { ChannelMode } from '../../asr/audio/channels.ts';
import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import type { LanguageChoice } from '../../asr/streaming/language-choice.ts';
import type { SpeechTask } from '../../asr/whisper/prompt.ts';
import { AUTO_LANGUAGE, type ResponseFormat, type TranscriptionRequest } from '../protocol/audio-requests.ts';
import type { FormField } from './read-upload.ts';

/** What is asked of a recording, to transcribe or to translate it. */
export interface AudioRequest {
  readonly task: SpeechTask;
  readonly format: ResponseFormat;
  /** as events, while it is recognised */
  readonly stream: boolean;
  /** what a verbose answer has */
  readonly times: { readonly words: boolean; readonly segments: boolean };
  readonly logProbs: boolean;
  readonly channels: ChannelMode;
  readonly endpointing: Endpointing;
  readonly model: string | undefined;
  readonly adapter: string | undefined;
  /** null: it is found among those that the service has */
  readonly language: LanguageChoice | null;
  readonly prompt: string;
  readonly hotWords: readonly string[];
  readonly temperature: number;
}

/** Checks the fields of a form. Nothing that is asked for is left out silently: it is honoured, or refused by name. */
export type ParseAudioRequest = (fields: readonly FormField[]) => AudioRequest;

export function languageOf({
  language,
  languages,
}: Pick<TranscriptionRequest, 'language' | 'languages'>): LanguageChoice | null {
  const [only, ...others] = languages ?? [];
  if (only !== undefined) return others.length === 0 ? only : { among: [only, ...others] };
  return language === undefined || language === '' || language === AUTO_LANGUAGE ? null : language;
}

/** As recognition takes it. */
export function endpointingOf(strategy: TranscriptionRequest['chunking_strategy']): Endpointing {
  if (strategy === 'auto') return DEFAULT_ENDPOINTING;
  if (strategy === 'none') return 'off';
  const { silence_duration_ms: silenceMs, prefix_padding_ms: prefixMs, threshold } = strategy;
  return { silenceMs, prefixMs, threshold };
}
