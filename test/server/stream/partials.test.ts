import { describe, expect, it } from 'vitest';
import { eventually, silence, speech, testStreams } from './serve-streams.ts';

/** What is heard so far: a word each half second. */
const WORDS = ['un', 'sombrero', 'azul', 'sobre', 'la', 'mesa', 'de', 'madera'];
const hear = ({ samples }: { readonly samples: Float32Array }) =>
  WORDS.slice(0, Math.max(1, Math.floor(samples.length / 8_000))).join(' ');

describe('partials', () => {
  it('come while somebody speaks, and the final begins with what they call stable', async () => {
    const { connect, service } = await testStreams({ hear });
    const client = await connect();
    expect(await client.start({ partials: { cadence_ms: 200 }, words: true, endpointing: false })).toMatchObject({
      partials: { cadence_ms: 200 },
      words: true,
    });
    for (let said = 0; said < 10; said += 1) {
      client.sendAudio(speech(0.3));
      await client.wasRead();
    }
    await client.when(() => client.messages.some((message) => message.type === 'partial' && message.stable_length > 0));
    await client.finish();
    const partials = client.messages.filter((message) => message.type === 'partial');
    const [final] = client.finals;
    expect(partials.length).toBeGreaterThan(1);
    for (const { text, stable_length: stable, start, end, language, words = [] } of partials) {
      expect(final?.text.startsWith(text.slice(0, stable))).toBe(true);
      expect([start, language]).toEqual([0, 'es']);
      expect(words.map((word) => word.text).join(' ')).toBe(text);
      for (const word of words) expect(word.end).toBeLessThanOrEqual(end);
    }
    expect(final?.words?.map(({ text }) => text).join(' ')).toBe(final?.text);
    expect(final?.words?.at(-1)?.end).toBeLessThanOrEqual(final?.end ?? 0);
    expect(service.metrics.partials).toEqual(partials.map(() => ({ protocol: 'stream', told: true })));
  });

  it('do not come unless they are asked for, nor do words', async () => {
    const { connect } = await testStreams({ hear });
    const client = await connect();
    expect(await client.start({ endpointing: false })).toMatchObject({ partials: false, words: false });
    client.sendAudio(speech(3));
    await client.finish();
    expect(client.messages.map(({ type }) => type)).toEqual(['ready', 'final', 'closed']);
    expect(client.finals[0]).not.toHaveProperty('words');
  });

  it('are left out where a client reads slowly, before it is given up', async () => {
    const { connect, service, streams } = await testStreams({
      hear: (request) => (request.deferrable ? hear(request) : `un sombrero ${'x'.repeat(200_000)}`),
    });
    const client = await connect();
    await client.start({ partials: { cadence_ms: 100 }, endpointing: { silence_ms: 100, prefix_ms: 0 } });
    client.socket.pause();
    while (streams.openStreams > 0) {
      for (let said = 0; said < 5; said += 1) client.sendAudio(speech(0.256));
      client.sendAudio(silence(0.256));
      const heard = service.engine.requests.length;
      await eventually(() => service.engine.requests.length > heard || streams.openStreams === 0);
    }
    expect(service.metrics.partials).toContainEqual({ protocol: 'stream', told: true });
    expect(service.metrics.partials).toContainEqual({ protocol: 'stream', told: false });
    expect(service.metrics.refusals).toEqual([{ protocol: 'stream', code: 'reader_too_slow' }]);
  });
});

it('what a start says of words goes into each row', async () => {
  const { connect, service } = await testStreams();
  const client = await connect();
  await client.start({ prompt: 'Sombreros.', keywords: ['azul'], task: 'translate', words: true });
  client.sendAudio(speech(1));
  await client.finish();
  expect(service.engine.requests).toEqual([
    expect.objectContaining({ prompt: 'Sombreros.', hotWords: ['azul'], task: 'translate', words: true }),
  ]);
});

it('finals are searched with as many hypotheses as streams have, partials with one', async () => {
  const { connect, service } = await testStreams({ configuration: { beamSize: 5, streamBeamSize: 2 } });
  const client = await connect();
  await client.start({ partials: true });
  for (let said = 0; said < 8; said += 1) client.sendAudio(speech(0.256));
  await eventually(() => service.engine.requests.length > 0);
  await client.finish();
  const sizes = (partial: boolean) =>
    new Set(
      service.engine.requests.filter(({ deferrable }) => (deferrable ?? false) === partial).map(({ beamSize }) => beamSize),
    );
  expect([sizes(false), sizes(true)]).toEqual([new Set([2]), new Set([1])]);
});
