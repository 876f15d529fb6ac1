import type { RecognisedWord } from '../../../asr/engine/job.ts';
import type { FileSegment } from '../../../asr/files/recognise-file.ts';

interface SegmentParts {
  readonly words: readonly Pick<RecognisedWord, 'text' | 'startMs' | 'endMs'>[] | null;
  /** the words, if left out */
  readonly text?: string;
  readonly startMs?: number;
  readonly channel?: number;
}

/** An utterance of these words, as a recording has it. */
export function segmentOf({ words, text, startMs = 0, channel = 0 }: SegmentParts): FileSegment {
  const said = text ?? (words ?? []).map((word) => word.text).join('');
  return {
    channel,
    language: 'es',
    startMs,
    endMs: startMs + (words?.at(-1)?.endMs ?? 0),
    result: {
      text: said,
      words: words?.map((word) => ({ ...word, probability: 1, firstToken: 0, endToken: 1 })) ?? null,
      tokens: [],
      tokenLogProbs: [],
      temperature: 0,
      noSpeechProb: 0,
      context: 1_500,
      attempts: 1,
      trips: [],
      timings: { waitMs: 0, featuresMs: 0, encodeMs: 0, decodeMs: 0, totalMs: 0 },
      adapter: null,
    },
  };
}
