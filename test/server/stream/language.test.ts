import { describe, expect, it } from 'vitest';
import { sampleAdapter } from '../../adapters/sample-adapters.ts';
import { START } from '../../support/stream-client.ts';
import { silence, speech, testStreams } from './serve-streams.ts';

describe('another language', () => {
  it('holds from that sample on, and ends what is open', async () => {
    const adapter = sampleAdapter();
    const { connect } = await testStreams({ adapters: [adapter] });
    const client = await connect();
    await client.start({ language: 'el', adapter: null });
    client.sendAudio(speech(1));
    client.send({ type: 'language', language: 'es' });
    client.sendAudio(speech(0.5));
    await client.finish();
    const { name, version } = adapter.manifest;
    const description = { name, version, digest: adapter.digest };
    expect(client.messages.filter(({ type }) => type === 'language')).toEqual([
      { type: 'language', language: 'es', languages: null, adapter: description, start: 1 },
    ]);
    expect(
      client.finals.map(({ language, start, end, ended_by: endedBy, adapter: by }) => [language, start, end, endedBy, by]),
    ).toEqual([
      ['el', 0, 1, 'language', null],
      ['es', 1, 1.5, 'finish', description],
    ]);
  });

  it.each([
    ['is unknown', { language: 'tlh' }, 'language_unknown', 'language'],
    ['has an adapter that is not there', { language: 'el', adapter: 'nobody' }, 'adapter_not_found', 'adapter'],
    ['is one, and several', { language: 'el', languages: ['es'] }, 'request_invalid', 'languages'],
    ['is one of none', { language: 'auto', languages: [] }, 'message_invalid', 'languages'],
  ])('that %s ends the stream, after the words of what came', async (_, change, code, param) => {
    const { connect } = await testStreams();
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    client.send({ type: 'language', ...change });
    const closed = await client.closed;
    expect(closed.code).toBe(4400);
    expect(client.text).toBe('es 16000');
    expect(client.errors).toEqual([expect.objectContaining({ code, param, fatal: true })]);
  });
});

describe('a language that is found', () => {
  it('is one of those that the client says, and each final has it', async () => {
    const { connect } = await testStreams({ detect: () => ({ language: 'fr', probability: 0.99 }) });
    const client = await connect();
    expect(await client.start({ language: 'auto', languages: ['es', 'fr'] })).toMatchObject({
      language: 'auto',
      languages: ['es', 'fr'],
      adapter: null,
    });
    client.sendAudio(speech(3));
    client.sendAudio(silence(1));
    await client.finish();
    expect(client.finals.map(({ language, text }) => [language, text.split(' ')[0]])).toEqual([['fr', 'fr']]);
  });

  it('is one of those that the service looks for, if the client says none', async () => {
    const { connect } = await testStreams({ configuration: { detectLanguages: ['el', 'fr'] } });
    const client = await connect();
    expect(await client.start({ language: 'auto' })).toMatchObject({ languages: ['el', 'fr'] });
  });

  it('is refused if it could be one that the model does not know', async () => {
    const { connect } = await testStreams();
    const client = await connect();
    client.send({ ...START, language: 'auto', languages: ['es', 'tlh'] });
    expect((await client.closed).code).toBe(4400);
    expect(client.errors).toEqual([expect.objectContaining({ code: 'language_unknown', param: 'languages' })]);
  });

  it('has the adapter that is named, whatever it is', async () => {
    const adapter = sampleAdapter();
    const { connect } = await testStreams({ adapters: [adapter] });
    const client = await connect();
    expect(await client.start({ language: 'auto', adapter: adapter.id })).toMatchObject({
      adapter: { name: adapter.manifest.name, digest: adapter.digest },
    });
  });
});
