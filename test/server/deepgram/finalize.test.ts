import { describe, expect, it } from 'vitest';
import { heldEngine, silence, speech } from '../stream/serve-streams.ts';
import { listenServer } from './serve-listen.ts';

const words = { hear: () => 'Un sombrero, azul.' };

describe('Finalize', () => {
  it('ends the utterance that is open, now, and audio goes on', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    client.send({ type: 'Finalize' });
    await client.when(() => client.finals.length === 1);
    expect(client.finals[0]).toMatchObject({
      from_finalize: true,
      is_final: true,
      speech_final: true,
      start: 0,
      duration: 0.96,
    });
    client.audio(speech(0.96));
    await client.closeStream();
    expect(client.finals).toHaveLength(2);
    expect(client.finals[1]).toMatchObject({ from_finalize: false, start: 0.96, duration: 0.96 });
  });

  it('on nothing is answered by nothing, with from_finalize', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(silence(0.5));
    client.send({ type: 'Finalize' });
    await client.until('Results');
    expect(client.results[0]).toMatchObject({ from_finalize: true, is_final: true, start: 0.5, duration: 0 });
    expect(client.transcripts).toEqual(['']);
    await client.closeStream();
    expect(client.results).toHaveLength(1);
  });

  it('twice is answered twice, though the second has nothing to end', async () => {
    const engine = heldEngine();
    const { connect } = await listenServer(engine);
    const client = await connect();
    client.audio(speech(0.96));
    client.send({ type: 'Finalize' });
    client.send({ type: 'Finalize' });
    await client.wasRead();
    engine.letGo();
    await client.when(() => client.results.length === 2);
    expect(client.transcripts).toEqual(['words', '']);
    expect(client.results.every(({ from_finalize: fromFinalize }) => fromFinalize)).toBe(true);
  });

  it('is answered on each channel', async () => {
    const { connect } = await listenServer(words);
    const client = await connect('channels=2&multichannel=true');
    const [left, right] = [speech(0.96), silence(0.96)];
    client.audio(Int16Array.from({ length: 2 * left.length }, (_, at) => (at % 2 === 0 ? left : right)[at >> 1] as number));
    client.send({ type: 'Finalize' });
    await client.when(() => client.results.length === 2);
    expect(client.results.map(({ channel_index: index }) => index[0]).sort((one, other) => one - other)).toEqual([0, 1]);
    expect(client.results.every(({ from_finalize: fromFinalize }) => fromFinalize)).toBe(true);
  });
});

describe('Finalize of one channel', () => {
  it('leaves the other one open', async () => {
    const { connect } = await listenServer(words);
    const client = await connect('channels=2&multichannel=true');
    client.audio(new Int16Array(2 * 15_360).fill(29_000));
    client.send({ type: 'Finalize', channel: 1 });
    await client.until('Results');
    await client.closeStream();
    expect(client.results.map(({ channel_index: index, from_finalize: fromFinalize }) => [index[0], fromFinalize])).toEqual([
      [1, true],
      [0, false],
    ]);
  });

  it('that is not there is no message', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.send({ type: 'Finalize', channel: 1 });
    expect(await client.until('Error')).toMatchObject({ variant: 'SchemaError' });
    expect((await client.closeStream()).code).toBe(1000);
  });
});
