import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { testEngine } from '../../support/test-engine.ts';
import { idle, openStream, patientEngine, told, until } from '../../support/test-stream.ts';

/** 10 windows of silence end an utterance; of 5 on it is settled, and 5 are kept. */
const SPEECH = signalOf(windowsOf([20, 0.9]));
const SETTLING = signalOf(windowsOf([5, 0]));
const ENDING = signalOf(windowsOf([5, 0]));
const UTTERANCE_SAMPLES = 25 * 512;

const ATTENTION = { kind: 'attention', marginMs: 200, confidence: 0 } as const;
const PARTIALS = { cadenceMs: 10_000, policy: ATTENTION };

/** A stream in which somebody has spoken, and been silent for half of the pause; whose rows the test answers. */
async function settledStream(options: Parameters<typeof openStream>[0] = {}) {
  const { engine, answers } = patientEngine();
  const opened = openStream({ engine, ...options });
  opened.stream.push([SPEECH]);
  await idle();
  expect(engine.requests).toHaveLength(0);
  opened.stream.push([SETTLING]);
  await idle();
  return { ...opened, engine, answers };
}

describe('the row of an utterance that is about to end', () => {
  it('is begun before the endpoint, and is the utterance’s own', async () => {
    const { stream, events, engine, answers } = await settledStream();
    expect(engine.requests.map(({ samples }) => samples.length)).toEqual([UTTERANCE_SAMPLES]);
    answers[0]?.('hola');
    await idle();
    expect(told(events)).toEqual(['started 0']);
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'pause 0-800: hola']);
    expect(engine.requests).toHaveLength(1);
  });

  it('may have its result after the endpoint, too', async () => {
    const { stream, events, engine, answers } = await settledStream();
    stream.push([ENDING]);
    await idle();
    expect(stream.pendingUtterances).toBe(1);
    answers[0]?.('hola');
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'pause 0-800: hola']);
    expect(engine.requests).toHaveLength(1);
  });

  it('leaves the batch where speech goes on', async () => {
    const { stream, events, engine, answers } = await settledStream();
    expect(engine.rowsInFlight).toBe(1);
    stream.push([SPEECH]);
    await idle();
    expect(engine.rowsInFlight).toBe(0);
    stream.push([SETTLING]);
    await until(() => answers.length === 2);
    answers[1]?.('hola amigo');
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'pause 0-1600: hola amigo']);
  });

  it('shows its words before the endpoint where partials are wanted; the final has none that nobody asked for', async () => {
    const { stream, events, engine, answers } = await settledStream({ partials: PARTIALS });
    expect(engine.requests).toEqual([expect.objectContaining({ words: true })]);
    answers[0]?.('hola amigo');
    await idle();
    expect(told(events)).toEqual(['started 0', 'partial 0-800: hola|']);
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'partial 0-800: hola|', 'pause 0-800: hola amigo']);
    expect(events.at(-1)).toMatchObject({ result: { words: null } });
    expect(engine.requests).toHaveLength(1);
  });

  it('keeps what it showed when speech goes on', async () => {
    const { stream, events, engine, answers } = await settledStream({ partials: PARTIALS });
    answers[0]?.('hola amigo');
    await idle();
    for (const audio of [SPEECH, SETTLING]) {
      stream.push([audio]);
      await idle();
    }
    expect(engine.requests.at(-1)?.prefix).toHaveLength(1);
    answers[1]?.('adiós amigo mío');
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events).at(-1)).toBe('pause 0-1600: hola amigo mío');
  });

  it('stops the partial that is under way', async () => {
    const { engine, answers } = patientEngine();
    const { stream, events } = openStream({ engine, partials: { ...PARTIALS, cadenceMs: 320 } });
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    stream.push([SETTLING]);
    await until(() => answers.length === 2);
    expect(engine.rowsInFlight).toBe(1);
    answers[0]?.('nada');
    answers[1]?.('hola amigo');
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events).filter((event) => event.includes('nada'))).toEqual([]);
    expect(told(events).at(-1)).toBe('pause 0-800: hola amigo');
  });

  it('is begun again where its words change before it ends', async () => {
    const { stream, events, engine, answers } = await settledStream();
    stream.setBias({ hotWords: ['gato'] });
    stream.push([ENDING]);
    await until(() => answers.length === 2);
    answers[1]?.('un gato');
    await stream.finish();
    expect(engine.requests.map(({ hotWords }) => hotWords)).toEqual([undefined, ['gato']]);
    expect(told(events).at(-1)).toBe('pause 0-800: un gato');
  });

  it('answers a flush', async () => {
    const { stream, events, engine, answers } = await settledStream();
    const flushed = stream.flush();
    answers[0]?.('hola');
    await flushed;
    expect(told(events)).toEqual(['started 0', 'flush 0-800: hola']);
    expect(engine.requests).toHaveLength(1);
  });

  it('fails the utterance if it failed', async () => {
    const { stream, events, engine, answers } = await settledStream();
    answers[0]?.(new FloraAsrError('engine_failed', 'Out of memory.'));
    stream.push([ENDING]);
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'engine_failed 0-800']);
    expect(engine.requests).toHaveLength(1);
  });

  it.each([
    ['before its endpoint', []],
    ['after it', [ENDING]],
  ])('leaves with its stream, %s', async (_, audio) => {
    const { stream, engine } = await settledStream();
    for (const samples of audio) stream.push([samples]);
    await idle();
    stream.cancel();
    await until(() => engine.rowsInFlight === 0);
  });

  it('waits for the endpoint where nobody knows yet what is spoken', async () => {
    const engine = testEngine();
    const { stream } = openStream({ engine, language: { among: ['el', 'es'] } });
    stream.push([SPEECH]);
    stream.push([SETTLING]);
    await idle();
    expect(engine.requests).toHaveLength(0);
    stream.push([ENDING]);
    await stream.finish();
    expect(engine.requests).toHaveLength(1);
  });

  it('waits for the endpoint in a file, which is there as a whole', async () => {
    const engine = testEngine();
    const { stream } = openStream({ engine, urgency: 'file' });
    stream.push([SPEECH]);
    await idle();
    stream.push([SETTLING]);
    await idle();
    expect(engine.requests).toHaveLength(0);
    stream.cancel();
  });
});
