import { describe, expect, it } from 'vitest';
import { modelListSchema, modelSchema } from '../../../server/protocol/rest-messages.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';
import { TINY_BASE, tinyAdapter } from '../../support/tiny-whisper.ts';

const OLD = { ...tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' }), card: '# greek-stamps 1.0.0\n' };
const NEW = tinyAdapter({ name: 'greek-stamps', version: '1.10.0', seed: 2, language: 'el' });
const MEDICAL = tinyAdapter({ name: 'medical', seed: 3, kind: 'lora' });
const SERVED = {
  adapters: [OLD, NEW, MEDICAL],
  languageDefaults: { '*': 'medical' },
  configuration: { modelAliases: ['whisper-1', 'nova-*'] },
};
const STARTED = { startedAt: 1_700_000_000 };

const serve = httpServers();

describe('GET /v1/models', () => {
  it('lists the base, its adapters with what they are, and the other names', async () => {
    const answer = await fetch(new URL('/v1/models', await serve(createTestService(SERVED), STARTED)));
    const { data } = modelListSchema.parse(await answer.json());
    const common = { object: 'model', created: 1_700_000_000, owned_by: 'flora-asr', card: null };
    const languages = ['el', 'es', 'fr'];
    const greek = { kind: 'flora', root: 'greek-stamps', parent: TINY_BASE.name, language: 'el', languages: null };
    const card = '/v1/models/greek-stamps%401.0.0/card';
    expect(data).toEqual([
      {
        ...common,
        id: 'whisper-mini',
        kind: 'base',
        root: 'whisper-mini',
        parent: null,
        version: null,
        digest: TINY_BASE.digest,
        language: null,
        languages,
      },
      { ...common, ...greek, id: 'greek-stamps@1.0.0', version: '1.0.0', digest: OLD.digest, card },
      { ...common, ...greek, id: 'greek-stamps@1.10.0', version: '1.10.0', digest: NEW.digest },
      {
        ...common,
        id: 'medical@1.0.0',
        kind: 'lora',
        root: 'medical',
        parent: 'whisper-mini',
        version: '1.0.0',
        digest: MEDICAL.digest,
        language: null,
        languages: null,
      },
      {
        ...common,
        id: 'whisper-1',
        kind: 'alias',
        root: 'whisper-mini',
        parent: 'whisper-mini',
        version: null,
        digest: TINY_BASE.digest,
        language: null,
        languages,
      },
      {
        ...common,
        id: 'nova-*',
        kind: 'alias',
        root: 'whisper-mini',
        parent: 'whisper-mini',
        version: null,
        digest: TINY_BASE.digest,
        language: null,
        languages,
      },
    ]);
  });

  it('waits for the model', async () => {
    const service = createTestService(SERVED);
    service.become({ kind: 'starting', waitingFor: 'the weights' });
    const answer = await fetch(new URL('/v1/models', await serve(service)));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });
});

describe('GET /v1/models/:id', () => {
  it('finds whatever a request may name', async () => {
    const url = await serve(createTestService(SERVED), STARTED);
    const idOf = async (name: string) => modelSchema.parse(await (await fetch(new URL(`/v1/models/${name}`, url))).json()).id;
    expect(await idOf('whisper-mini')).toBe('whisper-mini');
    expect(await idOf('greek-stamps')).toBe('greek-stamps@1.10.0');
    expect(await idOf('greek-stamps%401.0.0')).toBe('greek-stamps@1.0.0');
    expect(await idOf('nova-3')).toBe('nova-3');
  });

  it('finds nothing else', async () => {
    const answer = await fetch(new URL('/v1/models/whisper-2', await serve(createTestService(SERVED))));
    expect([answer.status, await answer.json()]).toEqual([
      404,
      {
        error: expect.objectContaining({
          code: 'model_not_found',
          param: 'model',
          message: expect.stringContaining('medical@1.0.0'),
        }),
      },
    ]);
  });
});

describe('GET /v1/models/:id/card', () => {
  it("is an adapter's card", async () => {
    const url = await serve(createTestService(SERVED));
    const answer = await fetch(new URL('/v1/models/greek-stamps%401.0.0/card', url));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
    expect(await answer.text()).toBe('# greek-stamps 1.0.0\n');
  });

  it.each(['medical', 'whisper-mini', 'nobody'])('is not there for %s', async (name) => {
    const answer = await fetch(new URL(`/v1/models/${name}/card`, await serve(createTestService(SERVED))));
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { error: expect.objectContaining({ code: 'model_not_found' }) },
    ]);
  });
});
