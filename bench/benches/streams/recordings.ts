import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import type { TextTokenizer } from '../../../asr/whisper/tokenizer.ts';
import type { Corpus, Utterance } from '../../corpora/corpus.ts';

/** From `startSample` to before `endSample`, at 16 kHz. */
export interface Span {
  readonly startSample: number;
  readonly endSample: number;
}

/** A recording to be played, and where somebody speaks in it. */
export interface Recording {
  readonly utterance: Utterance;
  /** 16 kHz */
  readonly samples: Int16Array;
  /** in order, apart from each other; one of them at least is sure */
  readonly speech: readonly Span[];
  /** of the reference text */
  readonly tokenCount: number;
}

export interface HeardRecordings {
  readonly recordings: readonly Recording[];
  /** ids of those in which the detector hears no speech for sure: no final may be asked for them */
  readonly leftOut: readonly string[];
}

export interface Hearing {
  readonly voice: VoiceDetector;
  readonly tokenizer: TextTokenizer;
  /** probability from which a window is speech */
  readonly threshold: number;
}

/** Speech of fewer windows (128 ms) may be missed where it stands between other sounds than here. */
const SURE_WINDOWS = 4;

/** Finds the speech in each recording by itself, so that it does not depend on how the service cuts streams. */
export async function hearRecordings(
  corpus: Corpus,
  utterances: readonly Utterance[],
  hearing: Hearing,
): Promise<HeardRecordings> {
  const heard = await Promise.all(utterances.map((utterance) => hear(corpus, utterance, hearing)));
  return {
    recordings: heard.filter(({ speech }) => speech.some(isSure)),
    leftOut: heard.filter(({ speech }) => !speech.some(isSure)).map(({ utterance }) => utterance.id),
  };
}

/** Whether a final has to be there for it. */
export function isSure({ startSample, endSample }: Span): boolean {
  return endSample - startSample >= SURE_WINDOWS * WINDOW_SAMPLES;
}

/** Where windows are speech without a break. */
export function speechSpans(probabilities: Iterable<number>, threshold: number): readonly Span[] {
  const spans: { startSample: number; endSample: number }[] = [];
  let startSample = 0;
  for (const probability of probabilities) {
    const endSample = startSample + WINDOW_SAMPLES;
    const last = spans.at(-1);
    if (probability >= threshold) {
      if (last?.endSample === startSample) last.endSample = endSample;
      else spans.push({ startSample, endSample });
    }
    startSample = endSample;
  }
  return spans;
}

async function hear(corpus: Corpus, utterance: Utterance, { voice, tokenizer, threshold }: Hearing): Promise<Recording> {
  const samples = corpus.samples(utterance);
  const windows = Math.ceil(samples.length / WINDOW_SAMPLES);
  const filled = new Float32Array(windows * WINDOW_SAMPLES);
  filled.set(samples);
  const signal = voice.open();
  const probabilities = await signal.push(filled);
  signal.close();
  const inside = ({ startSample, endSample }: Span) => ({ startSample, endSample: Math.min(endSample, samples.length) });
  return {
    utterance,
    samples: Int16Array.from(samples, (sample) => Math.round(sample * 32_768)),
    speech: speechSpans(probabilities, threshold).map(inside),
    // Whisper's text begins with a space
    tokenCount: tokenizer.encode(` ${utterance.text}`).length,
  };
}
