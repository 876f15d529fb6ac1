import { describe, expect, it, vi } from 'vitest';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import { errorBodySchema } from '../../../server/protocol/rest-messages.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { type FormEntry, form, httpServers } from '../../support/serve-http.ts';
import { createTestService, type TestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const WAV = wavOf(signalOf(windowsOf([40, 0.75], [40, 0])));
const STEREO = wavOf(signalOf(windowsOf([40, 0.75], [40, 0])), signalOf(windowsOf([40, 0.75], [40, 0])));
const LANGUAGE = ['language', 'el'] as const;
const FILE = ['file', WAV] as const;

const serve = httpServers();
type Entries = readonly FormEntry[];

async function post(service: TestService, ...entries: Entries): Promise<Response> {
  const url = new URL('/v1/audio/transcriptions', await serve(service));
  return fetch(url, { method: 'POST', body: form(...entries) });
}

async function refusal(answer: Response) {
  const { code, param, message } = errorBodySchema.parse(await answer.json()).error;
  return { status: answer.status, code, param, message };
}

describe('a field is refused by name', () => {
  const REFUSED: readonly (readonly [
    why: string,
    entries: Entries,
    status: number,
    code: string,
    param: string | null,
    message?: RegExp,
  ])[] = [
    ['a language the model does not know', [FILE, ['language', 'tlh']], 400, 'language_unknown', 'language', /tlh.*el es fr/],
    ['a language that is none', [FILE, ['language', 'not a tag']], 400, 'language_unknown', 'language'],
    [
      'languages the model does not know',
      [FILE, ['languages', 'el'], ['languages', 'tlh']],
      400,
      'language_unknown',
      'languages',
    ],
    ['a language and languages', [FILE, LANGUAGE, ['languages[]', 'es']], 400, 'request_invalid', 'languages', /one of them/],
    [
      'a format that is none',
      [FILE, LANGUAGE, ['response_format', 'docx']],
      400,
      'unsupported_response_format',
      'response_format',
      /json, text, srt, verbose_json, vtt, diarized_json/,
    ],
    [
      'diarized_json of one channel',
      [FILE, LANGUAGE, ['response_format', 'diarized_json']],
      400,
      'unsupported_response_format',
      'response_format',
      /one channel/,
    ],
    [
      'diarized_json of channels that are the same',
      [['file', STEREO], LANGUAGE, ['response_format', 'diarized_json']],
      400,
      'unsupported_response_format',
      'response_format',
      /the same in all of its 2 channels/,
    ],
    [
      'diarized_json of channels that are mixed',
      [FILE, LANGUAGE, ['response_format', 'diarized_json'], ['channels', 'mix']],
      400,
      'request_invalid',
      'channels',
    ],
    ['a temperature above 1', [FILE, LANGUAGE, ['temperature', '1.5']], 400, 'request_invalid', 'temperature'],
    ['a temperature that is none', [FILE, LANGUAGE, ['temperature', 'warm']], 400, 'request_invalid', 'temperature'],
    [
      'segment times without their format',
      [FILE, LANGUAGE, ['timestamp_granularities[]', 'segment']],
      400,
      'request_invalid',
      'timestamp_granularities',
      /verbose_json/,
    ],
    [
      'other times',
      [FILE, LANGUAGE, ['response_format', 'verbose_json'], ['timestamp_granularities', 'hour']],
      400,
      'request_invalid',
      'timestamp_granularities',
    ],
    ['streaming, or not', [FILE, LANGUAGE, ['stream', 'perhaps']], 400, 'request_invalid', 'stream'],
    [
      'subtitles as a stream',
      [FILE, LANGUAGE, ['stream', 'true'], ['response_format', 'srt']],
      400,
      'unsupported_response_format',
      'response_format',
      /json, text, diarized_json, and not srt/,
    ],
    [
      'logprobs without their format',
      [FILE, LANGUAGE, ['include[]', 'logprobs'], ['response_format', 'text']],
      400,
      'request_invalid',
      'include',
      /needs response_format=json/,
    ],
    ['something else to include', [FILE, LANGUAGE, ['include[]', 'usage']], 400, 'request_invalid', 'include'],
    ['a keyword that is a text', [FILE, LANGUAGE, ['keywords[]', 'x'.repeat(51)]], 400, 'request_invalid', 'keywords'],
    [
      'more keywords than there may be',
      [FILE, LANGUAGE, ...Array.from({ length: 101 }, (_, index) => ['keywords[]', `${index}`] as const)],
      400,
      'request_invalid',
      'keywords',
    ],
    ['diarization', [FILE, LANGUAGE, ['diarize', 'true']], 400, 'parameter_unsupported', 'diarize', /by their channels/],
    [
      'known speakers',
      [FILE, LANGUAGE, ['known_speaker_names[]', 'Anna']],
      400,
      'parameter_unsupported',
      'known_speaker_names',
    ],
    ['channels of another kind', [FILE, LANGUAGE, ['channels', 'left']], 400, 'request_invalid', 'channels', /mix/],
    [
      'a chunking strategy that is none',
      [FILE, LANGUAGE, ['chunking_strategy', 'often']],
      400,
      'request_invalid',
      'chunking_strategy',
    ],
    [
      'a chunking strategy of another type',
      [FILE, LANGUAGE, ['chunking_strategy[type]', 'client_vad']],
      400,
      'request_invalid',
      'chunking_strategy',
    ],
    [
      'an impossible threshold',
      [FILE, LANGUAGE, ['chunking_strategy', '{"type":"server_vad","threshold":2}']],
      400,
      'request_invalid',
      'chunking_strategy',
    ],
    [
      'an unknown part of it',
      [FILE, LANGUAGE, ['chunking_strategy', '{"type":"server_vad","silence":2}']],
      400,
      'request_invalid',
      'chunking_strategy',
    ],
    [
      'two chunking strategies',
      [FILE, LANGUAGE, ['chunking_strategy', 'auto'], ['chunking_strategy[type]', 'server_vad']],
      400,
      'request_invalid',
      'chunking_strategy[type]',
      /twice/,
    ],
    ['an unknown field', [FILE, LANGUAGE, ['lang', 'el']], 400, 'request_invalid', 'lang', /"lang".*language/],
    ['a name from the prototype', [FILE, LANGUAGE, ['__proto__', 'el']], 400, 'request_invalid', '__proto__'],
    ['a field twice', [FILE, LANGUAGE, LANGUAGE], 400, 'request_invalid', 'language', /twice/],
    ['brackets where there are none', [FILE, ['language[]', 'el']], 400, 'request_invalid', 'language[]'],
    ['a model that is not there', [FILE, LANGUAGE, ['model', 'whisper-huge']], 404, 'model_not_found', 'model', /whisper-mini/],
    ['an adapter that is not there', [FILE, LANGUAGE, ['adapter', 'klingon']], 404, 'adapter_not_found', 'adapter'],
    ['no file', [LANGUAGE], 400, 'file_missing', 'file'],
    ['a file that is text', [['file', 'recording.wav'], LANGUAGE], 400, 'file_missing', 'file', /filename/],
    ['two files', [FILE, FILE, LANGUAGE], 400, 'file_repeated', 'file'],
    ['a file under another name', [['audio', WAV], LANGUAGE], 400, 'request_invalid', 'audio'],
    ['a field that is a file', [FILE, ['language', new Uint8Array([101, 108])]], 400, 'request_invalid', 'language'],
    ['too much text', [FILE, LANGUAGE, ['prompt', 'x'.repeat(20_000)]], 400, 'request_invalid', 'prompt'],
    ['an empty file', [['file', new Uint8Array(0)], LANGUAGE], 400, 'audio_empty', 'file'],
    [
      'a file that is no audio',
      [['file', new TextEncoder().encode('I am not a recording. '.repeat(99))], LANGUAGE],
      400,
      'audio_unreadable',
      'file',
    ],
  ];

  for (const [why, entries, status, code, param, message = /./] of REFUSED) {
    it(why, async () => {
      const service = createTestService();
      const refused = await refusal(await post(service, ...entries));
      expect(refused).toEqual({ status, code, param, message: expect.stringMatching(message) });
      expect(service.engine.requests).toHaveLength(0);
      expect(service.metrics.refusals).toEqual([{ protocol: 'rest', code }]);
    });
  }

  it('even if the recording has no speech that it would matter to', async () => {
    const silence = ['file', wavOf(new Float32Array(16_000))] as const;
    expect(await refusal(await post(createTestService(), silence, ['language', 'tlh']))).toMatchObject({
      code: 'language_unknown',
    });
    const service = createTestService({ languageDefaults: { el: 'greek-stamps' } });
    expect(await refusal(await post(service, silence, LANGUAGE))).toMatchObject({ status: 404, code: 'adapter_not_found' });
  });

  it('and one field more than there may be is one too many', async () => {
    const many = Array.from({ length: 257 }, () => ['keywords[]', 'x'] as const);
    expect(await refusal(await post(createTestService(), ...many, FILE))).toMatchObject({
      code: 'request_invalid',
      message: expect.stringMatching(/256 fields/),
    });
  });

  it('and audio that is longer than it may be is refused', async () => {
    const service = createTestService({ configuration: { maxFileSeconds: 1 } });
    expect(await refusal(await post(service, FILE, LANGUAGE))).toMatchObject({
      status: 413,
      code: 'audio_too_long',
      param: 'file',
    });
  });
});

describe('another state than ready', () => {
  it('is told at the door, with when to come again', async () => {
    const service = createTestService();
    service.become({ kind: 'starting', waitingFor: 'the weights' });
    const starting = await post(service, FILE, LANGUAGE);
    expect([starting.headers.get('retry-after'), starting.headers.get('x-should-retry')]).toEqual(['1', 'true']);
    expect(await refusal(starting)).toMatchObject({ status: 503, code: 'starting' });
    service.become({ kind: 'draining', recogniser: null });
    const draining = await post(service, FILE, LANGUAGE);
    expect([draining.headers.get('retry-after'), draining.headers.get('connection')]).toEqual(['1', 'close']);
    expect(await refusal(draining)).toMatchObject({ status: 503, code: 'draining' });
    service.become({ kind: 'failed', reason: 'gone' });
    const failed = await post(service, FILE, LANGUAGE);
    expect([failed.headers.get('retry-after'), failed.headers.get('x-should-retry')]).toEqual([null, 'false']);
    expect(await refusal(failed)).toMatchObject({ status: 503, code: 'engine_closed' });
  });

  it('does not touch what was accepted before', async () => {
    let say: (text: string) => void = () => undefined;
    const service = createTestService({ hear: () => new Promise((resolve) => (say = resolve)) });
    const answering = post(service, FILE, LANGUAGE);
    await vi.waitFor(() => expect(service.engine.requests).toHaveLength(1));
    service.become({ kind: 'draining', recogniser: null });
    say('the last words');
    const answer = await answering;
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ text: 'the last words' })]);
  });
});

describe('limits', () => {
  it('of what goes on at once hold, and are given back whatever became of the request', async () => {
    let say: (text: string) => void = () => undefined;
    const hear = ({ language }: RecognitionRequest) =>
      language === 'el' ? new Promise<string>((resolve) => (say = resolve)) : 'words';
    const service = createTestService({ configuration: { maxRequests: 1 }, hear });
    const first = post(service, FILE, LANGUAGE);
    await vi.waitFor(() => expect(service.engine.requests).toHaveLength(1));
    const second = await post(service, FILE, ['language', 'es']);
    expect([second.headers.get('retry-after'), second.headers.get('x-should-retry')]).toEqual(['1', 'true']);
    expect(await refusal(second)).toMatchObject({ status: 429, code: 'too_many_requests' });
    say('done');
    expect((await first).status).toBe(200);
    expect((await post(service, FILE, ['language', 'tlh'])).status).toBe(400);
    expect((await post(service, FILE, ['language', 'es'])).status).toBe(200);
  });

  it('of the rate hold', async () => {
    const service = createTestService({ configuration: { ratePerMinute: 1 } });
    expect((await post(service, FILE, LANGUAGE)).status).toBe(200);
    const refused = await post(service, FILE, LANGUAGE);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
  });
});

it('a failure of the engine is a failure, and no empty transcript', async () => {
  const service = createTestService({ hear: () => Promise.reject(new Error('out of memory at 0x7f')) });
  const failed = await refusal(await post(service, FILE, LANGUAGE));
  expect(failed.status).toBe(500);
  expect(failed.message).not.toMatch(/0x7f/);
  expect(service.logged.some(({ level }) => level === 50)).toBe(true);
});
