import { describe, expect, it } from 'vitest';
import type { RecognitionResult } from '../../../asr/engine/recognition.ts';
import type { FileTranscript } from '../../../asr/files/recognise-file.ts';
import type { LanguageChoice } from '../../../asr/streaming/language-choice.ts';
import type { TokenBytes } from '../../../asr/whisper/token-bytes.ts';
import {
  transcriptionBody as jsonBody,
  verboseTranscriptionBody as verboseBody,
} from '../../../server/http/transcription-answer.ts';

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

const transcriptionBody = (transcript: FileTranscript, tokenBytes?: TokenBytes) =>
  jsonBody(transcript, { language: 'el' }, tokenBytes);
const SEGMENTS = { words: false, segments: true };
const verboseTranscriptionBody = (transcript: FileTranscript, language: LanguageChoice | null) =>
  verboseBody(transcript, { task: 'transcribe', language, times: SEGMENTS });

describe('the adapter of a whole recording', () => {
  it('is told where all of it has one, or none', () => {
    expect(transcriptionBody(transcriptOf({ adapter: GREEK }, { adapter: GREEK })).adapter).toEqual(GREEK);
    expect(transcriptionBody(transcriptOf({}, {})).adapter).toBeNull();
  });

  it('is left to the segments where they differ, and left out where there are none', () => {
    for (const other of [null, { ...GREEK, version: '1.1.0', digest: 'sha256:bb' }]) {
      const body = verboseTranscriptionBody(transcriptOf({ adapter: GREEK }, { adapter: other }), 'el');
      expect(body).not.toHaveProperty('adapter');
      expect(body.segments?.map(({ adapter }) => adapter)).toEqual([GREEK, other]);
    }
    expect(transcriptionBody(transcriptOf())).not.toHaveProperty('adapter');
  });
});

describe('a segment', () => {
  it("has Whisper's measures of it", () => {
    const [, second] = verboseTranscriptionBody(transcriptOf({}, { text: 'ha '.repeat(40) }), 'el').segments ?? [];
    expect(second).toMatchObject({ id: 1, start: 1.234, end: 2.234, seek: 123, avg_logprob: -0.75, no_speech_prob: 0.1 });
    expect(second?.compression_ratio).toBeGreaterThan(2.4);
  });

  it('has no measures that are no numbers where nothing was said', () => {
    const [only] = verboseTranscriptionBody(transcriptOf({ text: '', tokenLogProbs: [] }), 'el').segments ?? [];
    expect(only).toMatchObject({ text: '', avg_logprob: 0, compression_ratio: 0 });
  });
});

describe('the language', () => {
  it.each([
    ['el', 'greek'],
    ['es-419', 'spanish'],
    ['zh-Hant-TW', 'chinese'],
    ['haw', 'hawaiian'],
    ['my', 'myanmar'],
    ['tl', 'tagalog'],
  ])('of %s is %s', (tag, name) => {
    expect(verboseTranscriptionBody(transcriptOf(), tag).language).toBe(name);
  });

  it('that was found is that in which most was said', () => {
    const { segments, ...rest } = transcriptOf({}, {}, {});
    const found = segments.map((segment, index) => ({ ...segment, language: index === 1 ? 'es' : 'el' }));
    expect(verboseTranscriptionBody({ ...rest, segments: found }, { among: ['el', 'es'] }).language).toBe('greek');
    expect(verboseTranscriptionBody({ ...rest, segments: found.slice(1, 2) }, null).language).toBe('spanish');
  });

  it('that was found is told beside the words, by how much was said in it', () => {
    const { segments, ...rest } = transcriptOf({}, {}, {});
    const found = segments.map((segment, index) => ({ ...segment, language: index === 0 ? 'es' : 'el' }));
    expect(jsonBody({ ...rest, segments: found }, { language: null }).languages).toEqual([{ code: 'el' }, { code: 'es' }]);
    expect(jsonBody(transcriptOf(), { language: null }).languages).toEqual([]);
    expect(transcriptionBody({ ...rest, segments: found })).not.toHaveProperty('languages');
  });

  it('is unknown where nobody speaks, and nobody has said it', () => {
    expect(verboseTranscriptionBody(transcriptOf(), { among: ['el', 'es'] }).language).toBe('unknown');
  });

  it('of a translation is English', () => {
    const translation = verboseBody(transcriptOf({}), { task: 'translate', language: 'el', times: SEGMENTS });
    expect(translation).toMatchObject({ task: 'translate', language: 'english' });
  });
});

describe('times', () => {
  const words = [
    { text: 'ha', startMs: 12.4, endMs: 300 },
    { text: ' ha.', startMs: 300, endMs: 480 },
  ].map((word) => ({ ...word, probability: 1, firstToken: 0, endToken: 1 }));
  const bodyWith = (times: typeof SEGMENTS) =>
    verboseBody(transcriptOf({}, { words }), { task: 'transcribe', language: 'el', times });

  it('of words are those of the recording, beside those of segments', () => {
    const body = bodyWith({ words: true, segments: true });
    expect(body.words).toEqual([
      { word: 'ha', start: 1.246, end: 1.534 },
      { word: 'ha.', start: 1.534, end: 1.714 },
    ]);
    expect(body.segments).toHaveLength(2);
  });

  it('of one kind leave the others out', () => {
    expect(bodyWith({ words: true, segments: false })).not.toHaveProperty('segments');
    expect(bodyWith({ words: false, segments: true })).not.toHaveProperty('words');
  });
});

describe('log-probabilities', () => {
  const BYTES = [[0x55, 0x6e], [0xc3], [0xb1]];
  const tokenBytes = (token: number) => Uint8Array.from(BYTES[token] ?? []);

  it('are those of the tokens with their bytes, end-of-text left out', () => {
    const tokens = [0, 1, 2] as unknown as RecognitionResult['tokens'];
    const body = transcriptionBody(transcriptOf({ tokens, tokenLogProbs: [-0.1, -0.2, -0.3, -0.4] }), tokenBytes);
    expect(body.logprobs).toEqual([
      { token: 'Un', bytes: [0x55, 0x6e], logprob: -0.1 },
      { token: '\ufffd', bytes: [0xc3], logprob: -0.2 },
      { token: '\ufffd', bytes: [0xb1], logprob: -0.3 },
    ]);
    expect(Buffer.from(body.logprobs?.flatMap(({ bytes }) => bytes) ?? []).toString()).toBe('Unñ');
  });

  it('are left out where nobody asks for them', () => {
    expect(transcriptionBody(transcriptOf({}))).not.toHaveProperty('logprobs');
  });
});
