import { describe, expect, it } from 'vitest';
import type { VoiceDetector } from '../../../../asr/voice-activity/voice-detector.ts';
import type { TokenId } from '../../../../asr/whisper/config.ts';
import { hearRecordings, isSure, speechSpans } from '../../../../bench/benches/streams/recordings.ts';
import type { Corpus, Utterance } from '../../../../bench/corpora/corpus.ts';

const WINDOW = 512;

describe('spans of speech', () => {
  it('are unbroken runs of windows from the threshold on', () => {
    expect(speechSpans([0.1, 0.5, 0.9, 0.49, 0.7, 0.2], 0.5)).toEqual([
      { startSample: WINDOW, endSample: 3 * WINDOW },
      { startSample: 4 * WINDOW, endSample: 5 * WINDOW },
    ]);
  });

  it('may reach from the first window to the last', () => {
    expect(speechSpans([0.9, 0.9], 0.5)).toEqual([{ startSample: 0, endSample: 2 * WINDOW }]);
    expect(speechSpans([], 0.5)).toEqual([]);
  });

  it('are sure from 128 ms on', () => {
    expect(isSure({ startSample: WINDOW, endSample: 5 * WINDOW })).toBe(true);
    expect(isSure({ startSample: WINDOW, endSample: 4 * WINDOW })).toBe(false);
  });
});

/** Speech is what is loud: the first sample of a window decides. */
const LOUDNESS: VoiceDetector = {
  open: () => ({
    push: async (samples) =>
      Float32Array.from({ length: Math.floor(samples.length / WINDOW) }, (_, window) => samples[window * WINDOW] as number),
    close: () => undefined,
  }),
  close: async () => undefined,
};

describe('recordings', () => {
  const utterance = (id: string): Utterance => ({
    id,
    audioPath: id,
    text: 'one two',
    language: 'fr',
    split: 'test',
    spoken: true,
    durationSeconds: 1,
  });
  const audio: Readonly<Record<string, Float32Array>> = {
    loud: new Float32Array(5 * WINDOW + 100).fill(0.75),
    short: new Float32Array(3 * WINDOW).fill(0.75),
  };
  const corpus: Corpus = {
    name: 'two',
    languages: ['fr'],
    utterances: () => [],
    samples: ({ id }) => (audio[id] as Float32Array).slice(),
  };
  /** a token each character */
  const tokenizer = { encode: (text: string) => [...text].map((_, index) => index as TokenId), decode: () => '' };

  it('have their speech, up to their end, and their tokens; those without sure speech are left out by name', async () => {
    const hearing = { voice: LOUDNESS, tokenizer, threshold: 0.5 };
    const { recordings, leftOut } = await hearRecordings(corpus, [utterance('loud'), utterance('short')], hearing);
    expect(leftOut).toEqual(['short']);
    expect(recordings).toHaveLength(1);
    expect(recordings[0]).toMatchObject({
      utterance: { id: 'loud' },
      speech: [{ startSample: 0, endSample: 5 * WINDOW + 100 }],
      tokenCount: ' one two'.length,
    });
    expect(recordings[0]?.samples).toEqual(new Int16Array(5 * WINDOW + 100).fill(24_576));
  });
});
