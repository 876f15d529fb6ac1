import { describe, expect, it } from 'vitest';
import { transcriptionSchema, verboseTranscriptionSchema } from '../../../server/protocol/audio-answers.ts';
import { errorBodySchema } from '../../../server/protocol/rest-messages.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { type FormEntry, form, httpServers } from '../../support/serve-http.ts';
import { createTestService, type TestService } from '../../support/test-service.ts';
import { tinyAdapter } from '../../support/tiny-whisper.ts';
import { wavOf } from '../../support/wav.ts';

const WAV = wavOf(signalOf(windowsOf([31, 0.75], [31, 0])));
const ADAPTERS = { adapters: [tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' })] };

const serve = httpServers();

async function post(service: TestService, ...entries: readonly FormEntry[]): Promise<Response> {
  const url = new URL('/v1/audio/translations', await serve(service));
  return fetch(url, { method: 'POST', body: form(['file', WAV], ...entries) });
}

describe('a translation', () => {
  it('is asked of the base model, in the language that is spoken', async () => {
    const service = createTestService({ ...ADAPTERS, hear: () => 'good morning' });
    const answer = await post(service, ['language', 'el'], ['model', 'whisper-1'], ['prompt', 'Names: Anna.']);
    expect(answer.status).toBe(200);
    const seconds = (62 * 512) / 16_000;
    const usage = { type: 'duration', seconds };
    expect(transcriptionSchema.parse(await answer.json())).toEqual({ text: 'good morning', usage, adapter: null });
    expect(service.engine.requests).toMatchObject([
      { task: 'translate', language: 'el', adapter: null, prompt: 'Names: Anna.' },
    ]);
  });

  it('is decoded with an adapter where one is named, and only there', async () => {
    const adapterOf = async (...entries: readonly FormEntry[]) => {
      const service = createTestService(ADAPTERS);
      await post(service, ['language', 'el'], ...entries);
      return service.engine.requests[0]?.adapter;
    };
    expect(await adapterOf(['adapter', 'greek-stamps'])).toBe('greek-stamps');
    expect(await adapterOf(['model', 'greek-stamps'])).toBe('greek-stamps');
    expect(await adapterOf(['adapter', 'auto'])).toBeNull();
  });

  it('finds the language where none is said', async () => {
    const service = createTestService({ detect: () => ({ language: 'fr', probability: 1 }) });
    await post(service, ['languages[]', 'el'], ['languages[]', 'fr']);
    expect(service.engine.requests).toMatchObject([{ language: 'fr', task: 'translate' }]);
  });

  it('says that it is one, in English, in verbose_json', async () => {
    const answer = await post(createTestService(), ['language', 'el'], ['response_format', 'verbose_json']);
    const body = verboseTranscriptionSchema.parse(await answer.json());
    expect(body).toMatchObject({ task: 'translate', language: 'english' });
    expect(body.segments).toHaveLength(1);
  });

  it.each([
    ['text', 'text/plain; charset=utf-8', /^good morning$/],
    ['srt', 'application/x-subrip; charset=utf-8', /^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\ngood morning\n\n$/],
    ['vtt', 'text/vtt; charset=utf-8', /^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0\d\.\d{3}\ngood morning\n\n$/],
  ])('comes as %s', async (format, type, text) => {
    const answer = await post(
      createTestService({ hear: () => 'good morning' }),
      ['language', 'el'],
      ['response_format', format],
    );
    expect(answer.headers.get('content-type')).toBe(type);
    expect(await answer.text()).toMatch(text);
  });

  it.each([
    ['stream', 'true', 'parameter_unsupported'],
    ['include[]', 'logprobs', 'parameter_unsupported'],
    ['timestamp_granularities[]', 'word', 'parameter_unsupported'],
    ['keywords[]', 'Anna', 'parameter_unsupported'],
    ['known_speaker_names[]', 'Anna', 'parameter_unsupported'],
    ['response_format', 'diarized_json', 'unsupported_response_format'],
    ['temperature', '2', 'request_invalid'],
    ['lang', 'el', 'request_invalid'],
  ])('has no %s=%s', async (field, value, code) => {
    const answer = await post(createTestService(), [field, value]);
    expect(answer.status).toBe(400);
    expect(errorBodySchema.parse(await answer.json()).error).toMatchObject({ code, param: field.replace('[]', '') });
  });
});
