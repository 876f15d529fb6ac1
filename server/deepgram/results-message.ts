import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import type { Results } from './messages.ts';
import type { NamedModel } from './model-info.ts';
import { confidenceOf, meanConfidence, toSeconds, transcriptOf, wordsOf } from './transcript.ts';

type PartialEvent = Extract<SpeechEvent, { readonly kind: 'partial' }>;
type FinalEvent = Extract<SpeechEvent, { readonly kind: 'final' }>;

/** What is the same in all Results of a stream. */
export interface ResultsContext {
  readonly requestId: string;
  readonly channels: number;
  readonly extra: Readonly<Record<string, string>>;
}

export interface ResultsOptions {
  readonly context: ResultsContext;
  readonly punctuate: boolean;
  /** what decodes it */
  readonly model: NamedModel;
}

/** Words that may still change. */
export function interimResults(event: PartialEvent, { context, punctuate, model }: ResultsOptions): Results {
  const { channel, language, text, startMs, endMs } = event;
  const words = wordsOf(event.words, startMs, language);
  return {
    ...head({ channel, startMs, endMs }, context, model),
    is_final: false,
    speech_final: false,
    from_finalize: false,
    channel: {
      alternatives: [
        {
          transcript: transcriptOf(text, { language, punctuate }),
          confidence: meanConfidence(words),
          languages: [language],
          words,
        },
      ],
    },
  };
}

/**
 * The words of an utterance. One that was cut because it is long, or for another language, is final, but its speaker has
 * not paused.
 * @param speechFinal whether pauses are told
 */
export function finalResults(
  event: FinalEvent,
  { speechFinal, ...options }: ResultsOptions & { speechFinal: boolean },
): Results {
  const { channel, language, result, startMs, endMs, endedBy } = event;
  const { context, punctuate, model } = options;
  return {
    ...head({ channel, startMs, endMs }, context, model),
    is_final: true,
    speech_final: endedBy === 'flush' || endedBy === 'finish' || (endedBy === 'pause' && speechFinal),
    from_finalize: endedBy === 'flush',
    channel: {
      alternatives: [
        {
          transcript: transcriptOf(result.text, { language, punctuate }),
          confidence: confidenceOf(result),
          languages: [language],
          words: wordsOf(result.words, startMs, language),
        },
      ],
    },
  };
}

/** Answers a Finalize that found nothing to end: whoever waits for `from_finalize` need not wait longer. */
export function emptyResults(at: { channel: number; atMs: number }, context: ResultsContext, model: NamedModel): Results {
  const { channel, atMs } = at;
  return {
    ...head({ channel, startMs: atMs, endMs: atMs }, context, model),
    is_final: true,
    speech_final: true,
    from_finalize: true,
    channel: { alternatives: [{ transcript: '', confidence: 0, languages: [], words: [] }] },
  };
}

interface Range {
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
}

function head({ channel, startMs, endMs }: Range, { requestId, channels, extra }: ResultsContext, { uuid, info }: NamedModel) {
  return {
    type: 'Results',
    channel_index: [channel, channels],
    start: toSeconds(startMs),
    duration: toSeconds(endMs - startMs),
    metadata: {
      request_id: requestId,
      model_uuid: uuid,
      model_info: info,
      ...(Object.keys(extra).length > 0 && { extra }),
    },
  } satisfies Partial<Results>;
}
