import { setImmediate as otherWork } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { recogniseSignals, type SignalsRequest } from '../../../asr/files/recognise-signals.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { levelDetector, signalOf, windowsOf } from '../../support/level-detector.ts';
import { type TestEngineOptions, testEngine } from '../../support/test-engine.ts';

const ENDPOINTING = { silenceMs: 320, prefixMs: 160, threshold: 0.5 };

function recogniser(options: TestEngineOptions = {}) {
  const engine = testEngine(options);
  const voice = levelDetector();
  const rows = new RowGate(16);
  const recognise = async (signals: readonly Float32Array[], request: Partial<SignalsRequest> = {}) =>
    recogniseSignals(signals, { language: 'es', endpointing: ENDPOINTING, ...request }, { engine, voice, rows });
  return { engine, voice, rows, recognise };
}

/** As many utterances, of ten windows each. */
function utterances(count: number): Float32Array {
  return signalOf(Array.from({ length: count }, () => windowsOf([10, 0.9], [20, 0])).flat());
}

describe('recognising signals that are there already', () => {
  it('gives the utterances by channel, then by time', async () => {
    const { recognise, voice } = recogniser();
    const finals = await recognise([utterances(3), utterances(3).map((_, index) => (index < 20_000 ? 0.9 : 0))]);
    expect(finals.map(({ channel, startMs, endMs }) => [channel, startMs, endMs])).toEqual([
      [0, 0, 480],
      [0, 800, 1_440],
      [0, 1_760, 2_400],
      [1, 0, 1_440],
    ]);
    expect(voice.signals).toBe(0);
  });

  it('asks of each row whatever it was asked for the recording, and finds its language', async () => {
    const { recognise, engine } = recogniser({ detect: () => ({ language: 'fr', probability: 0.99 }) });
    const asked = { task: 'translate', prompt: 'Antes.', hotWords: ['perro'], temperature: 0.2, words: true } as const;
    const finals = await recognise([utterances(3)], { language: { among: ['el', 'fr'] }, ...asked });
    expect(finals.map(({ language }) => language)).toEqual(['fr', 'fr', 'fr']);
    expect(finals[0]?.result.words).toHaveLength(2);
    for (const { language, task, prompt, hotWords, temperature, words } of engine.requests) {
      expect({ language, task, prompt, hotWords, temperature, words }).toEqual({ language: 'fr', ...asked });
    }
  });

  it('has nothing of silence', async () => {
    expect(await recogniser().recognise([new Float32Array(80_000)])).toEqual([]);
  });

  it('recognises all of it without endpointing, and without a detector', async () => {
    const { engine, rows } = recogniser();
    const request = { language: 'es', endpointing: 'off' } as const;
    const finals = await recogniseSignals([new Float32Array(80_000)], request, { engine, rows, voice: null });
    expect(finals).toMatchObject([{ startMs: 0, endMs: 5_000, endedBy: 'finish' }]);
  });

  it('leaves room for others: some 64 utterances wait or are recognised, however many there are', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { recognise, engine, rows } = recogniser({ hear: async () => released.then(() => 'words') });
    const running = recognise([utterances(300)]);
    const inHand = () => engine.rowsInFlight + rows.waiting;
    for (let [before, still] = [0, 0]; still < 200; before = inHand()) {
      await otherWork();
      still = before > 0 && inHand() === before ? still + 1 : 0;
    }
    expect(inHand()).toBeGreaterThanOrEqual(64);
    expect(inHand()).toBeLessThanOrEqual(68); // what was on its way through the detector comes on top
    release();
    expect(await running).toHaveLength(300);
  });

  it('fails with its first utterance that fails, and asks for no more', async () => {
    const hear = async () => {
      throw new FloraAsrError('engine_failed', 'The worker was lost.');
    };
    const { recognise, engine, voice } = recogniser({ hear });
    await expect(recognise([utterances(300)])).rejects.toMatchObject({ code: 'engine_failed' });
    expect(engine.requests.length).toBeLessThan(100);
    expect(voice.signals).toBe(0);
  });

  it('fails when the detector fails', async () => {
    const { recognise, voice } = recogniser();
    voice.fail();
    await expect(recognise([utterances(2)])).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('ends when it is cancelled, before or in the middle', async () => {
    const cancelling = new AbortController();
    const never = async () => new Promise<string>(() => undefined);
    const { recognise, engine, voice } = recogniser({ hear: never });
    const running = recognise([utterances(200)], { signal: cancelling.signal });
    while (engine.rowsInFlight < 16) await otherWork();
    cancelling.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect([engine.rowsInFlight, voice.signals]).toEqual([0, 0]);
    await expect(recognise([utterances(2)], { signal: cancelling.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('telling utterances by time', () => {
  it('tells each of several channels as soon as none before it is missing, and long before the end', async () => {
    const told: string[] = [];
    let toldBeforeLast = 0;
    const hear = async ({ samples }: { readonly samples: Float32Array }) => {
      toldBeforeLast = told.length;
      await otherWork();
      return `${samples.length}`;
    };
    const { recognise } = recogniser({ hear });
    const offset = signalOf(windowsOf([15, 0]));
    const signals = [utterances(20), utterances(20)].map((signal, channel) => {
      const moved = new Float32Array(signal.length + offset.length);
      moved.set(signal, channel * offset.length);
      return moved;
    });
    const onFinal: SignalsRequest['onFinal'] = ({ channel, startMs }) => told.push(`${startMs}:${channel}`);
    const finals = await recognise(signals, { onFinal });
    const inTime = [...finals].sort((one, other) => one.startMs - other.startMs || one.channel - other.channel);
    expect(told).toEqual(inTime.map(({ channel, startMs }) => `${startMs}:${channel}`));
    expect(told).toHaveLength(40);
    expect(toldBeforeLast).toBeGreaterThan(20);
  });
});
