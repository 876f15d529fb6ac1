import { afterAll, describe, expect, it } from 'vitest';
import { startSileroDetector } from '../../../../asr/voice-activity/silero-detector.ts';
import { openTokenizer } from '../../../../asr/whisper/tokenizer.ts';
import { drawOf } from '../../../../bench/benches/draw.ts';
import { playStreams, type ScriptedStream } from '../../../../bench/benches/streams/play-streams.ts';
import { hearRecordings } from '../../../../bench/benches/streams/recordings.ts';
import { streamScript } from '../../../../bench/benches/streams/stream-script.ts';
import { obtainAdapters } from '../../../../bench/benches/streams/streams-adapters.ts';
import { streamsReport } from '../../../../bench/benches/streams/streams-report.ts';
import { startStreamsService } from '../../../../bench/benches/streams/streams-service.ts';
import type { Corpus, Utterance } from '../../../../bench/corpora/corpus.ts';
import { realCheckpoint, type SpeechPiece, speechFixtures } from '../../../support/real-engine.ts';

const LANGUAGES = ['el', 'fr'];
const THRESHOLD = 0.5;
const SILENCE_MS = 500;

const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of opened.reverse()) await one.close();
});

function corpusOf(pieces: readonly SpeechPiece[]): Corpus {
  const utterances = pieces.map(
    ({ language, samples }, index): Utterance => ({
      id: `${index}`,
      audioPath: `${index}`,
      text: 'some words',
      language,
      split: 'test',
      spoken: true,
      durationSeconds: samples.length / 16_000,
    }),
  );
  return {
    name: 'fixtures',
    languages: LANGUAGES,
    utterances: () => utterances,
    samples: ({ id }) => (pieces[Number(id)] as SpeechPiece).samples.slice(),
  };
}

async function scripts(tokenizerPath: string): Promise<readonly ScriptedStream[]> {
  const corpus = corpusOf((await speechFixtures()).filter(({ language }) => LANGUAGES.includes(language)));
  const voice = await startSileroDetector();
  opened.push(voice);
  const hearing = { voice, tokenizer: openTokenizer(tokenizerPath), threshold: THRESHOLD };
  const { recordings } = await hearRecordings(corpus, corpus.utterances(), hearing);
  return LANGUAGES.map((language, index) => {
    const own = recordings.filter(({ utterance }) => utterance.language === language);
    return {
      language,
      script: streamScript({
        recordings: own,
        seconds: 10,
        silenceMs: SILENCE_MS,
        pausesMs: [1_000, 2_500],
        draw: drawOf(1, index),
      }),
    };
  });
}

describe('streams that are played to the service', () => {
  it('get a final for every recording by the adapter of its language, and the work is counted', async () => {
    const checkpoint = await realCheckpoint();
    const adapters = await obtainAdapters('random', checkpoint, LANGUAGES);
    opened.push(adapters);
    const streams = await scripts(checkpoint.tokenizerPath);
    const { signal } = new AbortController();
    const service = await startStreamsService({
      settings: { MODEL: 'whisper-base', ADAPTERS: adapters.folder ?? '', PROVIDER: 'cpu', COMPUTE_TYPE: 'fp32' },
      tokensPerSecond: 4,
      env: process.env,
      signal,
    });
    opened.push(service);

    const playing = { service, silenceMs: SILENCE_MS, threshold: THRESHOLD, seed: 1, signal, onReading: () => undefined };
    const report = streamsReport(await playStreams(streams, playing));
    expect(report).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
    expect(report.utterances).toMatchObject({ unanswered: 0, unfinishedStreams: 0, errors: {}, withoutText: 0 });
    expect(report.utterances.recordings).toBeGreaterThan(3);
    expect(report.perLanguage.map(({ adapters: names }) => names)).toEqual([['bench-el'], ['bench-fr']]);
    expect(report.service.engine?.stats).toMatchObject({ finishedRows: report.utterances.finals, retries: 0 });
    expect(report.speechEndToFinalMs.count).toBe(report.utterances.finals);
    expect(report.resident.end).toBeGreaterThan(100);
  });

  it('end with the last words of a service that cannot start', async () => {
    const settings = { MODEL: 'no-such-model' };
    const starting = startStreamsService({
      settings,
      tokensPerSecond: null,
      env: process.env,
      signal: new AbortController().signal,
    });
    await expect(starting).rejects.toMatchObject({ code: 'tool_failed', message: expect.stringContaining('no-such-model') });
  });
});
