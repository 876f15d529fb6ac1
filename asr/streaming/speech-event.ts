import type { FloraAsrError } from '../../kernels/errors.ts';
import type { RecognisedWord } from '../engine/job.ts';
import type { RecognitionResult } from '../engine/recognition.ts';

/**
 * What ended an utterance: a pause, a flush, the end of the stream, another language, or its length (30 s; with partials
 * some 10).
 */
export type EndedBy = 'pause' | 'flush' | 'finish' | 'language' | 'length';

/** What a stream of speech tells, channel by channel in the order of its audio. */
export type SpeechEvent =
  | { readonly kind: 'speech-started'; readonly channel: number; readonly startMs: number }
  /** what an utterance says so far, while it is spoken */
  | {
      readonly kind: 'partial';
      readonly channel: number;
      readonly startMs: number;
      /** how much of the audio has been heard for it */
      readonly endMs: number;
      readonly language: string;
      /** the words that are shown */
      readonly text: string;
      /** so many characters of it will begin the final, whatever comes */
      readonly stableLength: number;
      /** of the utterance's own time */
      readonly words: readonly RecognisedWord[];
    }
  | {
      readonly kind: 'final';
      readonly channel: number;
      /** that it was decoded in: the stream's, or the one that was found */
      readonly language: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly endedBy: EndedBy;
      readonly result: RecognitionResult;
      /** from the end of the utterance, as it was decided, until now; waiting for room in the engine included */
      readonly endToFinalMs: number;
    }
  /** an utterance that got no words: its audio is accounted for by this */
  | {
      readonly kind: 'failed';
      readonly channel: number;
      readonly startMs: number;
      readonly endMs: number;
      readonly error: FloraAsrError;
    };

/** The audio of an utterance, which has no words yet. */
export interface EndedUtterance {
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly endedBy: EndedBy;
}
