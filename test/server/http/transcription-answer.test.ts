import { describe, expect, it } from 'vitest';
import type { RecognitionResult } from '../../../asr/engine/recognition.ts';
import type { FileTranscript } from '../../../asr/files/recognise-file.ts';
import { transcriptionBody, verboseTranscriptionBody } from '../../../server/http/transcription-answer.ts';

const GREEK = { name: 'greek-stamps', version: '1.0.0', digest: 'sha256:aa' };
const RESULT: RecognitionResult = {
  text: 'ha',
  tokens: [],
  tokenLogProbs: [-0.5, -1],
  words: null,
  temperature: 0,
  noSpeechProb: 0.1,
  context: 1_500,
  attempts: 1,
  trips: [],
  timings: { waitMs: 0, featuresMs: 0, encodeMs: 0, decodeMs: 0, totalMs: 0 },
  adapter: null,
};

function transcriptOf(...results: readonly Partial<RecognitionResult>[]): FileTranscript {
  const segments = results.map((result, index) => ({
    channel: 0,
    language: 'el',
    startMs: 1_234 * index,
    endMs: 1_234 * index + 1_000,
    result: { ...RESULT, ...result },
  }));
  return { durationMs: 60_500, speechMs: 1_000 * results.length, segments };
}

describe('the adapter of a whole recording', () => {
  it('is told where all of it has one, or none', () => {
    expect(transcriptionBody(transcriptOf({ adapter: GREEK }, { adapter: GREEK })).adapter).toEqual(GREEK);
    expect(transcriptionBody(transcriptOf({}, {})).adapter).toBeNull();
  });

  it('is left to the segments where they differ, and left out where there are none', () => {
    for (const other of [null, { ...GREEK, version: '1.1.0', digest: 'sha256:bb' }]) {
      const body = verboseTranscriptionBody(transcriptOf({ adapter: GREEK }, { adapter: other }), 'el');
      expect(body).not.toHaveProperty('adapter');
      expect(body.segments.map(({ adapter }) => adapter)).toEqual([GREEK, other]);
    }
    expect(transcriptionBody(transcriptOf())).not.toHaveProperty('adapter');
  });
});

describe('a segment', () => {
  it("has Whisper's measures of it", () => {
    const [, second] = verboseTranscriptionBody(transcriptOf({}, { text: 'ha '.repeat(40) }), 'el').segments;
    expect(second).toMatchObject({ id: 1, start: 1.234, end: 2.234, seek: 123, avg_logprob: -0.75, no_speech_prob: 0.1 });
    expect(second?.compression_ratio).toBeGreaterThan(2.4);
  });

  it('has no measures that are no numbers where nothing was said', () => {
    const [only] = verboseTranscriptionBody(transcriptOf({ text: '', tokenLogProbs: [] }), 'el').segments;
    expect(only).toMatchObject({ text: '', avg_logprob: 0, compression_ratio: 0 });
  });
});

it.each([
  ['el', 'greek'],
  ['es-419', 'spanish'],
  ['zh-Hant-TW', 'chinese'],
  ['haw', 'hawaiian'],
])('names the language of %s %s', (tag, name) => {
  expect(verboseTranscriptionBody(transcriptOf(), tag).language).toBe(name);
});
