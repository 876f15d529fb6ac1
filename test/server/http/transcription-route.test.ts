import { describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import {
  diarizedTranscriptionSchema,
  transcriptionSchema,
  verboseTranscriptionSchema,
} from '../../../server/protocol/audio-answers.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { form, httpServers } from '../../support/serve-http.ts';
import { createTestService, type TestService, type TestServiceOptions } from '../../support/test-service.ts';
import { tinyAdapter } from '../../support/tiny-whisper.ts';
import { wavOf } from '../../support/wav.ts';

const SECOND = 31; // windows of 32 ms
const SPEECH = signalOf(windowsOf([20, 0], [2 * SECOND, 0.75], [3 * SECOND, 0], [SECOND, 0.75], [20, 0]));
const WAV = wavOf(SPEECH);
const SECONDS = SPEECH.length / 16_000;

const serve = httpServers();

/** Posts a form with Greek speech, unless the fields say otherwise. */
async function post(
  service: TestService,
  fields: Readonly<Record<string, string | Uint8Array | readonly string[]>> = {},
): Promise<Response> {
  const url = await serve(service);
  const entries = Object.entries({ file: WAV, language: 'el', ...fields });
  const body = form(
    ...entries.flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value as string] as const],
    ),
  );
  return fetch(new URL('/v1/audio/transcriptions', url), { method: 'POST', body });
}

const words = (...said: readonly string[]): TestServiceOptions => {
  const next = [...said];
  return { hear: () => next.shift() ?? '' };
};

describe('response_format', () => {
  it('is json if nothing is said: the words, how long it was, and what decoded it', async () => {
    const answer = await post(createTestService(words('καλημέρα', 'σε όλους')));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(transcriptionSchema.parse(await answer.json())).toEqual({
      text: 'καλημέρα σε όλους',
      usage: { type: 'duration', seconds: SECONDS },
      adapter: null,
    });
  });

  it('text is the words alone', async () => {
    const answer = await post(createTestService(words('καλημέρα', 'σε όλους')), { response_format: 'text' });
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.text()).toBe('καλημέρα σε όλους');
  });

  it('verbose_json tells all of each utterance', async () => {
    const answer = await post(createTestService(words('καλημέρα', 'σε όλους')), { response_format: 'verbose_json' });
    const body = verboseTranscriptionSchema.parse(await answer.json());
    expect(body).toMatchObject({ task: 'transcribe', language: 'greek', duration: SECONDS, text: 'καλημέρα σε όλους' });
    expect(body.segments).toHaveLength(2);
    const [first, second] = body.segments ?? [];
    expect(first).toMatchObject({
      id: 0,
      text: 'καλημέρα',
      temperature: 0,
      avg_logprob: -0.25,
      no_speech_prob: 0.125,
      channel: 0,
      adapter: null,
    });
    expect(first?.start).toBeCloseTo(0.64 - DEFAULT_ENDPOINTING.prefixMs / 1000, 2);
    expect(second).toMatchObject({ id: 1, text: 'σε όλους', tokens: [expect.any(Number), expect.any(Number)] });
    expect(second?.seek).toBe(Math.floor(100 * (second?.start ?? 0)));
  });

  it('verbose_json tells the times of words where they are asked for, in place of segments or beside them', async () => {
    const bodyOf = async (granularities: readonly string[]) => {
      const service = createTestService(words('καλημέρα', 'σε όλους'));
      const fields = { response_format: 'verbose_json', 'timestamp_granularities[]': granularities };
      return verboseTranscriptionSchema.parse(await (await post(service, fields)).json());
    };
    const both = await bodyOf(['word', 'segment']);
    expect(both.segments).toHaveLength(2);
    expect(both.words?.map(({ word }) => word)).toEqual(['καλημέρα', 'σε', 'όλους']);
    const [first, second] = both.segments ?? [];
    expect(both.words?.flatMap(({ start, end }) => [start, end])).toEqual([
      first?.start,
      first?.end,
      second?.start,
      expect.any(Number),
      expect.any(Number),
      second?.end,
    ]);
    expect(await bodyOf(['word'])).not.toHaveProperty('segments');
  });

  it('srt and vtt are subtitles', async () => {
    const subtitles = async (format: string) => {
      const answer = await post(createTestService(words('καλημέρα', 'σε --> όλους')), { response_format: format });
      return [answer.headers.get('content-type'), await answer.text()];
    };
    const [srtType, srt] = await subtitles('srt');
    expect(srtType).toBe('application/x-subrip; charset=utf-8');
    expect(srt).toMatch(/^1\n[\d:,]+ --> [\d:,]+\nκαλημέρα\n\n2\n[\d:,]+ --> [\d:,]+\nσε → όλους\n\n$/);
    const [vttType, vtt] = await subtitles('vtt');
    expect(vttType).toBe('text/vtt; charset=utf-8');
    expect(vtt).toMatch(/^WEBVTT\n\n[\d:.]+ --> [\d:.]+\nκαλημέρα\n\n[\d:.]+ --> [\d:.]+\nσε → όλους\n\n$/);
  });

  it('json has log-probabilities of tokens where they are asked for', async () => {
    const answer = await post(createTestService(words('καλημέρα', 'σε όλους')), { 'include[]': ['logprobs'] });
    const { logprobs } = transcriptionSchema.parse(await answer.json());
    expect(logprobs?.map(({ token }) => token)).toEqual([' καλημέρα', ' σε', ' όλους']);
    expect(logprobs?.every(({ logprob }) => logprob === -0.25)).toBe(true);
    expect(Buffer.from(logprobs?.[0]?.bytes ?? []).toString()).toBe(' καλημέρα');
  });

  it('is nothing but an empty text where nobody speaks', async () => {
    const service = createTestService();
    const answer = await post(service, { file: wavOf(new Float32Array(32_000)), response_format: 'verbose_json' });
    expect(await answer.json()).toEqual({
      task: 'transcribe',
      language: 'greek',
      duration: 2,
      text: '',
      segments: [],
      usage: { type: 'duration', seconds: 2 },
    });
    expect(service.engine.requests).toHaveLength(0);
  });
});

describe('channels', () => {
  const STEREO = wavOf(
    SPEECH,
    SPEECH.map((sample) => sample / 1.5),
  );

  it('are mixed if nothing is said, and each recognised by itself if they are asked for apart', async () => {
    const mixed = await post(createTestService(), { file: STEREO, response_format: 'verbose_json' });
    expect(((await mixed.json()) as { segments: unknown[] }).segments).toHaveLength(2);
    const apart = await post(createTestService(), { file: STEREO, response_format: 'verbose_json', channels: 'apart' });
    const { segments, text } = verboseTranscriptionSchema.parse(await apart.json());
    expect(segments?.map(({ channel, id }) => [id, channel])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
    expect(text.split('\n')).toHaveLength(2);
  });

  it('are speakers in diarized_json, who come by time', async () => {
    const answer = await post(createTestService(), { file: STEREO, response_format: 'diarized_json' });
    const { segments, text } = diarizedTranscriptionSchema.parse(await answer.json());
    expect(segments.map(({ speaker, id }) => `${id} ${speaker}`)).toEqual(['seg_0 A', 'seg_1 B', 'seg_2 A', 'seg_3 B']);
    expect(text.split('\n')[1]).toBe(`B: ${segments[1]?.text}`);
  });
});

describe('the language', () => {
  const heardIn = async (
    fields: Readonly<Record<string, string | readonly string[]>>,
    options: TestServiceOptions = {},
  ): Promise<readonly string[]> => {
    const service = createTestService({ ...options, detect: options.detect ?? (() => ({ language: 'fr', probability: 1 })) });
    const answer = await post(service, { language: '', ...fields });
    expect([fields, answer.status]).toEqual([fields, 200]);
    return service.engine.requests.map(({ language }) => language);
  };

  it('is found where none is said, or auto', async () => {
    expect(await heardIn({})).toEqual(['fr', 'fr']);
    expect(await heardIn({ language: 'auto' })).toEqual(['fr', 'fr']);
    expect(await heardIn({ language: 'es' })).toEqual(['es', 'es']);
  });

  it('is found among those that are named, those of the operator, or all', async () => {
    const asked: string[][] = [];
    const detect = (_samples: Float32Array, among: readonly string[]) => {
      asked.push([...among]);
      return { language: 'es', probability: 1 };
    };
    await heardIn({ 'languages[]': ['el', 'es'] }, { detect });
    await heardIn({}, { detect, configuration: { detectLanguages: ['es', 'fr'] } });
    await heardIn({}, { detect, configuration: { detectLanguages: ['all'] } });
    expect(asked).toEqual([
      ['el', 'es'],
      ['es', 'fr'],
      ['el', 'es', 'fr'],
    ]);
    expect(await heardIn({ 'languages[]': ['el'] }, { detect })).toEqual(['el', 'el']);
    expect(asked).toHaveLength(3);
  });

  it("is the adapter's where one is named", async () => {
    const adapters = [tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' })];
    expect(await heardIn({ model: 'greek-stamps' }, { adapters })).toEqual(['el', 'el']);
  });

  it('chooses the adapter where it is found, and is told', async () => {
    const adapters = [tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' })];
    const configuration = { detectLanguages: ['el', 'es'] };
    const service = createTestService({ adapters, configuration, detect: () => ({ language: 'el', probability: 0.9 }) });
    const answer = await post(service, { language: '', response_format: 'verbose_json' });
    const body = verboseTranscriptionSchema.parse(await answer.json());
    expect(body).toMatchObject({ language: 'greek', adapter: { name: 'greek-stamps' } });
    expect(body.segments?.map(({ language }) => language)).toEqual(['el', 'el']);
    expect(service.metrics.utterances[0]).toMatchObject({ language: 'el' });
  });
});

it('hands prompt, keywords and temperature to recognition', async () => {
  const service = createTestService();
  const fields = { prompt: 'Names: Anna.', 'keywords[]': ['Άννα', 'Ελένη Παπά'], temperature: '0.4' };
  expect((await post(service, fields)).status).toBe(200);
  expect(service.engine.requests[0]).toMatchObject({
    prompt: 'Names: Anna.',
    hotWords: ['Άννα', 'Ελένη Παπά'],
    temperature: 0.4,
    task: 'transcribe',
  });
});

it('searches with as many hypotheses as recordings have, whatever streams have', async () => {
  const service = createTestService({ configuration: { beamSize: 3, streamBeamSize: 2 } });
  expect((await post(service)).status).toBe(200);
  expect(service.engine.requests.map(({ beamSize }) => beamSize)).toEqual([3, 3]);
});

describe('chunking_strategy', () => {
  const utterancesOf = async (fields: Readonly<Record<string, string>>) => {
    const service = createTestService();
    const answer = await post(service, fields);
    expect([fields, answer.status]).toEqual([fields, 200]);
    return service.engine.requests.map(({ samples }) => samples.length);
  };

  it('cuts at pauses as streams do, if nothing or auto is said', async () => {
    const cut = await utterancesOf({});
    expect(cut).toHaveLength(2);
    expect(await utterancesOf({ chunking_strategy: 'auto' })).toEqual(cut);
  });

  it('cuts nowhere below 30 s where it is none', async () => {
    expect(await utterancesOf({ chunking_strategy: 'none' })).toEqual([SPEECH.length]);
  });

  it('takes a measure of its own, in brackets or as JSON', async () => {
    const inBrackets = await utterancesOf({
      'chunking_strategy[type]': 'server_vad',
      'chunking_strategy[silence_duration_ms]': '5000',
    });
    expect(inBrackets).toHaveLength(1);
    const asJson = await utterancesOf({ chunking_strategy: '{"type":"server_vad","silence_duration_ms":5000}' });
    expect(asJson).toEqual(inBrackets);
    const deaf = await utterancesOf({ 'chunking_strategy[type]': 'server_vad', 'chunking_strategy[threshold]': '0.9' });
    expect(deaf).toHaveLength(0);
    const tight = await utterancesOf({ chunking_strategy: '{"type":"server_vad","prefix_padding_ms":0}' });
    expect(tight).toEqual([2 * SECOND * 512, SECOND * 512]);
  });
});

describe('what decodes it', () => {
  const ADAPTERS = {
    adapters: [
      tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' }),
      tinyAdapter({ name: 'medical', seed: 2, language: 'fr' }),
    ],
  };
  const decodedBy = async (fields: Readonly<Record<string, string>>) => {
    const answer = await post(createTestService(ADAPTERS), fields);
    const body = (await answer.json()) as { adapter?: { name: string } | null; error?: { code: string } };
    return body.error?.code ?? (body.adapter === null ? 'base' : body.adapter?.name);
  };

  it("is the language's adapter where there is one, by any name of the served model and by none", async () => {
    for (const model of ['whisper-1', 'nova-3', '']) expect(await decodedBy({ model })).toBe('greek-stamps');
    expect(await decodedBy({ model: 'whisper-1', language: 'es' })).toBe('base');
    expect(await decodedBy({ model: 'whisper-mini', adapter: 'auto' })).toBe('greek-stamps');
  });

  it("is the base by the base's name, and an adapter by its own", async () => {
    expect(await decodedBy({ model: 'whisper-mini' })).toBe('base');
    expect(await decodedBy({ adapter: 'none' })).toBe('base');
    expect(await decodedBy({ model: 'medical' })).toBe('medical');
    expect(await decodedBy({ model: 'whisper-1', adapter: 'medical@1.0.0' })).toBe('medical');
  });

  it('is never another one than what was named', async () => {
    expect(await decodedBy({ model: 'whisper-2' })).toBe('model_not_found');
    expect(await decodedBy({ adapter: 'klingon' })).toBe('adapter_not_found');
    expect(await decodedBy({ model: 'medical', adapter: 'greek-stamps' })).toBe('request_invalid');
    const silence = wavOf(new Float32Array(16_000));
    const answer = await post(createTestService(ADAPTERS), { file: silence, adapter: 'klingon' });
    expect(answer.status).toBe(404);
  });
});

describe('the form', () => {
  it('may have its fields in any order', async () => {
    const service = createTestService(words('καλημέρα'));
    const url = await serve(service);
    for (const body of [
      form(['language', 'el'], ['model', 'whisper-1'], ['file', WAV]),
      form(['file', WAV], ['language', 'el']),
    ]) {
      expect((await fetch(new URL('/v1/audio/transcriptions', url), { method: 'POST', body })).status).toBe(200);
    }
  });

  it('may say what goes without saying', async () => {
    const empty = { prompt: '', include: '', languages: '', keywords: '' };
    const fields = { stream: 'false', temperature: '0', response_format: 'verbose_json', ...empty };
    expect((await post(createTestService(), { ...fields, 'timestamp_granularities[]': 'segment' })).status).toBe(200);
    expect((await post(createTestService(), { ...fields, timestamp_granularities: ['segment', 'segment'] })).status).toBe(200);
  });
});

it('tells the metrics of each utterance, and gives its place back', async () => {
  const service = createTestService({ configuration: { maxRequests: 1 } });
  const url = await serve(service);
  for (const _ of [1, 2]) {
    const body = form(['file', WAV], ['language', 'el']);
    expect((await fetch(new URL('/v1/audio/transcriptions', url), { method: 'POST', body })).status).toBe(200);
  }
  expect(service.metrics.utterances).toHaveLength(4);
  expect(service.metrics.utterances[0]).toMatchObject({ protocol: 'rest', language: 'el', endToFinalMs: 10 });
});

it('logs neither words nor names of files', async () => {
  const service = createTestService(words('μυστικό', 'μυστικό'));
  await post(service, { response_format: 'text' });
  expect(JSON.stringify(service.logged)).not.toMatch(/μυστικό|recording/);
});
