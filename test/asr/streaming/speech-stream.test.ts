import { setImmediate as otherWork } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { testEngine } from '../../support/test-engine.ts';
import { openStream, patientEngine, told, until } from '../../support/test-stream.ts';

/** two utterances, of 20 and 10 windows of speech */
const TWO = signalOf(windowsOf([10, 0], [20, 0.9], [20, 0], [10, 0.8], [20, 0]));

describe('a stream of speech', () => {
  it('tells when speech starts, and its words when it has ended', async () => {
    const { stream, events } = openStream();
    stream.push([TWO]);
    await stream.finish();
    expect(told(events)).toEqual(['started 320', 'started 1600', 'pause 160-1120: es 15360', 'pause 1440-2080: es 10240']);
  });

  it('tells the same, however the audio comes', async () => {
    const whole = openStream({ sampleRateHz: 24_000, channels: 2 });
    const other = TWO.map((_, index) => TWO[TWO.length - 1 - index] as number);
    whole.stream.push([TWO, other]);
    await whole.stream.finish();
    expect(whole.events.length).toBeGreaterThanOrEqual(8);
    const pieces = fc
      .array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 5 })
      .filter((lengths) => lengths.some((length) => length > 500));
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (lengths, patient) => {
        const { stream, events } = openStream({ sampleRateHz: 24_000, channels: 2 });
        for (let [start, turn] = [0, 0]; start < TWO.length; turn += 1) {
          const end = start + (lengths[turn % lengths.length] ?? 1);
          stream.push([TWO.subarray(start, end), other.subarray(start, end)]);
          start = end;
          if (patient) await otherWork();
        }
        await stream.finish();
        for (const kind of ['speech-started', 'final', 'failed']) {
          for (const channel of [0, 1]) {
            const own = (event: SpeechEvent) => event.kind === kind && event.channel === channel;
            expect(told(events.filter(own))).toEqual(told(whole.events.filter(own)));
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('recognises each channel by itself, and names the rows of each as a stream of its own', async () => {
    const engine = testEngine();
    const { stream, events } = openStream({ engine, channels: 3 });
    stream.push([new Float32Array(TWO.length), TWO, TWO.map((sample) => sample / 2)]);
    await stream.finish();
    expect(events.every(({ channel }) => channel === 1)).toBe(true);
    const second = openStream({ engine, channels: 2 });
    second.stream.push([TWO, TWO]);
    await second.stream.finish();
    expect(new Set(engine.requests.map(({ streamId }) => streamId)).size).toBe(3);
  });

  it('asks for the language, the adapter and whatever else it was opened with', async () => {
    const engine = testEngine();
    const decoding = { retries: false };
    const { stream } = openStream({ engine, language: 'el', adapter: null, context: 'full', decoding });
    stream.push([TWO]);
    await stream.finish();
    expect(engine.requests).toHaveLength(2);
    expect(engine.requests[0]).toMatchObject({ language: 'el', adapter: null, context: 'full', decoding });
  });

  it('keeps the order of finals, whichever is recognised first, and whichever fails', async () => {
    const { engine, answers } = patientEngine();
    const { stream, events } = openStream({ engine });
    stream.push([TWO]);
    stream.push([TWO]);
    await until(() => answers.length === 4);
    answers[2]?.('third');
    answers[1]?.(new FloraAsrError('engine_failed', 'The worker was lost.'));
    await otherWork();
    expect(events.filter(({ kind }) => kind !== 'speech-started')).toEqual([]);
    answers[0]?.('first');
    answers[3]?.('fourth');
    await stream.finish();
    expect(told(events).filter((line) => !line.startsWith('started'))).toEqual([
      'pause 160-1120: first',
      'engine_failed 1440-2080',
      'pause 2720-3680: third',
      'pause 4000-4640: fourth',
    ]);
  });

  it('goes on when an utterance fails, and names its time', async () => {
    let heard = 0;
    const hear = ({ samples }: RecognitionRequest) => {
      heard += 1;
      if (heard === 1) throw new RangeError('a bug');
      return `${samples.length}`;
    };
    const { stream, events } = openStream({ engine: testEngine({ hear }) });
    stream.push([TWO]);
    await stream.finish();
    expect(told(events).slice(2)).toEqual(['internal 160-1120', 'pause 1440-2080: 10240']);
  });

  it('has every final after the start of its speech, though rows wait for room', async () => {
    const { stream, events } = openStream({ rows: new RowGate(1) });
    for (let turn = 0; turn < 5; turn += 1) stream.push([TWO]);
    await stream.finish();
    const starts = events.filter(({ kind }) => kind === 'speech-started');
    const finals = events.filter(({ kind }) => kind === 'final');
    expect([starts.length, finals.length]).toEqual([10, 10]);
    for (const [index, start] of starts.entries()) {
      expect(events.indexOf(start)).toBeLessThan(events.indexOf(finals[index] as SpeechEvent));
    }
  });

  it('ends what is open at a flush, and waits for its words', async () => {
    const { stream, events } = openStream();
    stream.push([signalOf(windowsOf([10, 0], [20, 0.9]))]);
    await stream.flush();
    expect(told(events)).toEqual(['started 320', 'flush 160-960: es 12800']);
    await stream.flush();
    stream.push([signalOf(windowsOf([10, 0], [20, 0.9]))]);
    await stream.finish();
    expect(told(events).slice(2)).toEqual(['started 1280', 'finish 1120-1920: es 12800']);
  });

  it('hears a last window that is not full', async () => {
    const { stream, events } = openStream();
    stream.push([signalOf(windowsOf([10, 0], [2, 0.9])).subarray(0, 11 * 512 + 100)]);
    await stream.finish();
    expect(told(events)).toEqual(['started 320', 'finish 160-358: es 3172']);
  });

  it('makes one utterance of everything, without endpointing, and asks no detector', async () => {
    const { stream, events, voice } = openStream({ endpointing: 'off' });
    expect(voice.signals).toBe(0);
    stream.push([new Float32Array(1_000)]);
    stream.push([new Float32Array(2_000)]);
    await stream.flush();
    stream.push([new Float32Array(500)]);
    await stream.finish();
    await stream.finish();
    expect(told(events)).toEqual(['flush 0-188: es 3000', 'finish 188-219: es 500']);
  });

  it('counts from the end of the utterance to its final, waiting included', async () => {
    let now = 1_000;
    const { engine, answers } = patientEngine();
    const { stream, events } = openStream({ engine, rows: new RowGate(1), clock: () => now });
    stream.push([TWO]);
    await until(() => stream.unheardMs === 0);
    now += 30;
    answers[0]?.('first');
    await until(() => answers.length === 2);
    now += 12;
    answers[1]?.('second');
    await stream.finish();
    expect(events.flatMap((event) => (event.kind === 'final' ? [event.endToFinalMs] : []))).toEqual([30, 42]);
  });

  it('has a backlog of what is not judged or has no words yet, and tells when it falls', async () => {
    const { engine, answers } = patientEngine();
    const seen: number[] = [];
    const { stream } = openStream({ engine, onProgress: () => seen.push(stream.backlogMs) });
    expect(stream.backlogMs).toBe(0);
    stream.push([TWO]);
    expect(stream.receivedMs).toBe(2_560);
    expect(stream.backlogMs).toBe(2_560);
    expect(stream.unheardMs).toBe(2_560);
    await until(() => answers.length === 2);
    expect(stream.backlogMs).toBe(960 + 640);
    expect(stream.pendingUtterances).toBe(2);
    answers[0]?.('first');
    await until(() => stream.backlogMs === 640);
    answers[1]?.('second');
    await until(() => stream.backlogMs === 0);
    expect(seen).toContain(640);
    expect(seen.at(-1)).toBe(0);
    // one who is speaking is no backlog
    stream.push([signalOf(windowsOf([300, 0.9]))]);
    await until(() => stream.backlogMs === 0);
    stream.cancel();
  });

  it('takes nothing of audio that is not finite', async () => {
    const { stream, events } = openStream({ channels: 2 });
    const broken = TWO.slice();
    broken[40_000] = Number.NaN;
    expect(() => stream.push([TWO, broken])).toThrow(expect.objectContaining({ code: 'audio_not_finite' }));
    expect(stream.receivedMs).toBe(0);
    expect(() => stream.push([TWO])).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
    expect(() => stream.push([TWO, TWO.subarray(1)])).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
    await stream.finish();
    expect(events).toEqual([]);
  });

  it('lets its caller use the memory again at once', async () => {
    const { stream, events } = openStream();
    const memory = TWO.slice();
    stream.push([memory]);
    memory.fill(0);
    await stream.finish();
    expect(events).toHaveLength(4);
  });

  it('takes no audio after its end', async () => {
    const { stream, voice } = openStream();
    const finished = stream.finish();
    expect(() => stream.push([TWO])).toThrow(expect.objectContaining({ code: 'audio_after_finish' }));
    await finished;
    await stream.flush();
    expect(voice.signals).toBe(0);
  });

  it('is silent once it is cancelled, and its rows leave the engine', async () => {
    const { engine, answers } = patientEngine();
    const { stream, events, voice } = openStream({ engine, rows: new RowGate(1) });
    stream.push([TWO]);
    await until(() => answers.length === 1);
    const before = events.length;
    const finished = Promise.all([stream.flush(), stream.finish()]);
    stream.cancel();
    stream.cancel();
    await finished;
    await until(() => engine.rowsInFlight === 0);
    answers[0]?.('too late');
    for (let turn = 0; turn < 5; turn += 1) await otherWork();
    expect(events).toHaveLength(before);
    expect(answers).toHaveLength(1);
    expect(voice.signals).toBe(0);
    expect(() => stream.push([TWO])).toThrow(expect.objectContaining({ code: 'cancelled' }));
  });

  it('accounts for what it could not hear when the detector fails, after the finals of what came before', async () => {
    const { engine, answers } = patientEngine();
    const { stream, events, voice } = openStream({ engine });
    const open = windowsOf([20, 0], [20, 0.9]);
    stream.push([Float32Array.of(...TWO, ...signalOf(open))]);
    await until(() => answers.length === 2 && stream.unheardMs === 0);
    voice.fail();
    stream.push([TWO]);
    await until(() => voice.signals === 0);
    answers[1]?.('second');
    answers[0]?.('first');
    await stream.flush();
    expect(told(events)).toEqual([
      'started 320',
      'started 1600',
      'started 3200',
      'pause 160-1120: first',
      'pause 1440-2080: second',
      'engine_failed 3040-6400',
    ]);
    expect(() => stream.push([TWO])).toThrow(expect.objectContaining({ code: 'engine_failed' }));
    await stream.finish();
    expect(stream.backlogMs).toBe(0);
    expect(events).toHaveLength(6);
  });

  it('cannot have endpointing without a detector', () => {
    const recognition = { engine: testEngine(), voice: null, rows: new RowGate(8), clock: () => 0 };
    expect(() => openStream({ recognition })).toThrow(
      expect.objectContaining({ code: 'argument_invalid', param: 'endpointing' }),
    );
    expect(() => openStream({ sampleRateHz: 0.5 })).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
  });
});
