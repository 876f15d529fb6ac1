import type { RecognisedWord } from '../../../asr/engine/job.ts';
import type { RecognitionResult } from '../../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';

type FinalEvent = Extract<SpeechEvent, { readonly kind: 'final' }>;
type PartialEvent = Extract<SpeechEvent, { readonly kind: 'partial' }>;

/** Words of 200 ms, one after the other. */
export function recognisedWords(text: string): RecognisedWord[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({
      text: index === 0 ? word : ` ${word}`,
      startMs: 200 * index,
      endMs: 200 * index + 200,
      probability: 0.75,
      firstToken: index,
      endToken: index + 1,
    }));
}

export function finalEvent(text: string, changes: Partial<FinalEvent> = {}): FinalEvent {
  const words = recognisedWords(text);
  const result: RecognitionResult = {
    text,
    tokens: [],
    tokenLogProbs: words.map(() => Math.log(0.5)),
    words,
    temperature: 0,
    noSpeechProb: 0,
    context: 1_500,
    attempts: 1,
    trips: [],
    timings: { waitMs: 1, featuresMs: 2, encodeMs: 3, decodeMs: 4, totalMs: 10 },
    adapter: null,
  };
  const times = { startMs: 1_000, endMs: 2_500 };
  return { kind: 'final', channel: 0, language: 'es', ...times, endedBy: 'pause', result, endToFinalMs: 12, ...changes };
}

export function partialEvent(text: string, changes: Partial<PartialEvent> = {}): PartialEvent {
  const words = recognisedWords(text);
  const times = { startMs: 1_000, endMs: 2_000 };
  return { kind: 'partial', channel: 0, ...times, language: 'es', text, stableLength: 0, words, ...changes };
}
