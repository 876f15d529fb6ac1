import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVoiceEndpointer, type Endpoint } from '../../../asr/streaming/endpointer.ts';
import type { EndpointingSettings } from '../../../asr/streaming/endpointing.ts';
import { windowsOf } from '../../support/level-detector.ts';

const WINDOW = 512;
const SECOND = 16_000;
/** 10 windows of silence end an utterance, 5 are kept */
const SETTINGS: EndpointingSettings = { silenceMs: 320, prefixMs: 160, threshold: 0.5 };

const earliest = (from: number) => from;

function endpointsOf(probabilities: readonly number[], settings = SETTINGS): Endpoint[] {
  const endpointer = createVoiceEndpointer(settings, earliest);
  const received = probabilities.length * WINDOW;
  return [...endpointer.advance(received, Float32Array.from(probabilities)), ...endpointer.end(received, 'finish')];
}

function utterancesOf(endpoints: readonly Endpoint[]) {
  return endpoints.filter((endpoint) => endpoint.kind === 'utterance');
}

describe('the endpointer', () => {
  it('opens an utterance where speech begins and ends it after enough silence, with some audio around it', () => {
    expect(endpointsOf(windowsOf([20, 0], [30, 0.9], [20, 0]))).toEqual([
      { kind: 'speech', atSample: 20 * WINDOW },
      { kind: 'utterance', startSample: 15 * WINDOW, endSample: 55 * WINDOW, endedBy: 'pause' },
    ]);
  });

  it('ends an utterance in the window that completes the silence, not before', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    const early = windowsOf([10, 0.9], [9, 0]);
    expect(utterancesOf(endpointer.advance(19 * WINDOW, Float32Array.from(early)))).toEqual([]);
    expect(utterancesOf(endpointer.advance(20 * WINDOW, Float32Array.of(0)))).toHaveLength(1);
  });

  it('keeps no more than the silence that it waited for', () => {
    const [utterance] = utterancesOf(endpointsOf(windowsOf([10, 0.9], [30, 0]), { ...SETTINGS, silenceMs: 96, prefixMs: 960 }));
    expect(utterance?.endSample).toBe(13 * WINDOW);
  });

  it('takes a pause that is too short for one utterance', () => {
    expect(utterancesOf(endpointsOf(windowsOf([10, 0.9], [9, 0], [10, 0.9], [9, 0])))).toHaveLength(1);
    expect(utterancesOf(endpointsOf(windowsOf([10, 0.9], [10, 0], [10, 0.9], [9, 0])))).toHaveLength(2);
  });

  it('is not opened by a click, nor kept open by silence that a click interrupts too late', () => {
    expect(endpointsOf(windowsOf([10, 0], [1, 1], [10, 0], [1, 1], [10, 0]))).toEqual([]);
    expect(endpointsOf(windowsOf([10, 0], [2, 1], [10, 0]))).toHaveLength(2);
  });

  it('goes on with speech that becomes a little less probable, but does not begin with it', () => {
    expect(endpointsOf(windowsOf([40, 0.4]))).toEqual([]);
    const [utterance] = utterancesOf(endpointsOf(windowsOf([5, 0.5], [30, 0.36], [30, 0.34])));
    expect(utterance?.endSample).toBe(40 * WINDOW);
  });

  it('lets speech end even at the lowest threshold', () => {
    const endpoints = endpointsOf(windowsOf([5, 0.9], [30, 0.005], [5, 0.9]), { ...SETTINGS, threshold: 0.05 });
    expect(utterancesOf(endpoints)).toHaveLength(2);
  });

  it('never keeps audio that is before the start, behind the end, or in the utterance before', () => {
    const endpoints = endpointsOf(windowsOf([2, 0], [5, 0.9], [10, 0], [5, 0.9]), { ...SETTINGS, prefixMs: 2_000 });
    expect(utterancesOf(endpoints)).toMatchObject([
      { startSample: 0, endSample: 17 * WINDOW },
      { startSample: 17 * WINDOW, endSample: 22 * WINDOW, endedBy: 'finish' },
    ]);
  });

  it('ends what is open when it is told to, and nothing if nothing is', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    expect(endpointer.end(0, 'flush')).toEqual([]);
    endpointer.advance(10 * WINDOW, Float32Array.from(windowsOf([10, 0.9])));
    expect(endpointer.end(10 * WINDOW + 100, 'flush')).toEqual([
      { kind: 'utterance', startSample: 0, endSample: 10 * WINDOW + 100, endedBy: 'flush' },
    ]);
    expect(endpointer.end(10 * WINDOW + 100, 'flush')).toEqual([]);
    // who goes on speaking begins the next
    const next = endpointer.advance(15 * WINDOW, Float32Array.from(windowsOf([5, 0.4])));
    expect(next).toEqual([{ kind: 'speech', atSample: 10 * WINDOW }]);
    expect(endpointer.end(15 * WINDOW, 'finish')).toMatchObject([{ startSample: 10 * WINDOW + 100, endSample: 15 * WINDOW }]);
  });

  it('cuts at 30 s, where it is told to, and goes on with the rest', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, (from, to) => {
      expect([from, to]).toEqual([20 * SECOND, 28 * SECOND]);
      return 25 * SECOND;
    });
    const windows = Math.floor((30 * SECOND) / WINDOW);
    const before = endpointer.advance(windows * WINDOW, new Float32Array(windows).fill(0.9));
    expect(before).toEqual([{ kind: 'speech', atSample: 0 }]);
    const received = (windows + 1) * WINDOW;
    expect(endpointer.advance(received, Float32Array.of(0.9))).toEqual([
      { kind: 'utterance', startSample: 0, endSample: 25 * SECOND, endedBy: 'length' },
      { kind: 'speech', atSample: 25 * SECOND },
    ]);
    expect(endpointer.end(received, 'finish')).toMatchObject([{ startSample: 25 * SECOND, endSample: received }]);
  });

  it('does not cut for the sake of the silence that ends an utterance', () => {
    const settings = { ...SETTINGS, silenceMs: 5_000, prefixMs: 2_000 };
    const endpoints = endpointsOf(windowsOf([900, 0.9], [200, 0]), settings);
    expect(utterancesOf(endpoints)).toEqual([{ kind: 'utterance', startSample: 0, endSample: 30 * SECOND, endedBy: 'pause' }]);
  });

  const speechSettings = fc.record({
    silenceMs: fc.integer({ min: 100, max: 3_000 }),
    prefixMs: fc.integer({ min: 0, max: 2_000 }),
    threshold: fc.constantFrom(0.05, 0.3, 0.5, 0.95),
  });
  /** up to two minutes, of speech and pauses of any length */
  const speech = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom(0, 0, 0.02, 0.3, 0.4, 0.9, 1)), { maxLength: 20 })
    .map((runs) => windowsOf(...runs));

  it('gives ordered utterances within the signal, apart from each other, none empty and none longer than 30 s', () => {
    fc.assert(
      fc.property(speech, speechSettings, (probabilities, settings) => {
        let end = 0;
        for (const utterance of utterancesOf(endpointsOf(probabilities, settings))) {
          expect(utterance.startSample).toBeGreaterThanOrEqual(end);
          expect(utterance.endSample).toBeGreaterThan(utterance.startSample);
          expect(utterance.endSample - utterance.startSample).toBeLessThanOrEqual(30 * SECOND);
          end = utterance.endSample;
        }
        expect(end).toBeLessThanOrEqual(probabilities.length * WINDOW);
      }),
    );
  });

  it('puts all speech of two windows or more into an utterance', () => {
    fc.assert(
      fc.property(speech, speechSettings, (probabilities, settings) => {
        const utterances = utterancesOf(endpointsOf(probabilities, settings));
        const inside = (sample: number) =>
          utterances.some(({ startSample, endSample }) => startSample <= sample && sample < endSample);
        const speaking = speakingWindows(probabilities, settings.threshold);
        for (const [index, speaks] of speaking.entries()) {
          if (!speaks || !(speaking[index - 1] || speaking[index + 1])) continue;
          expect(inside(index * WINDOW)).toBe(true);
          expect(inside((index + 1) * WINDOW - 1)).toBe(true);
        }
      }),
    );
  });

  it('announces each utterance, before it ends', () => {
    fc.assert(
      fc.property(speech, speechSettings, (probabilities, settings) => {
        const kinds = endpointsOf(probabilities, settings).map(({ kind }) => kind);
        expect(kinds).toEqual(kinds.map((_, index) => (index % 2 === 0 ? 'speech' : 'utterance')));
        expect(kinds.length % 2).toBe(0);
      }),
    );
  });

  it('ends what is open within its speech, and has it go on without a start', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    endpointer.advance(40 * WINDOW, Float32Array.from(windowsOf([20, 0], [20, 0.9])));
    expect(endpointer.cutAt(15 * WINDOW)).toEqual([]);
    expect(endpointer.cutAt(40 * WINDOW)).toEqual([]);
    expect(endpointer.cutAt(30 * WINDOW)).toEqual([
      { kind: 'utterance', startSample: 15 * WINDOW, endSample: 30 * WINDOW, endedBy: 'length' },
    ]);
    expect(endpointer.open(40 * WINDOW)).toEqual({ startSample: 30 * WINDOW, endSample: 40 * WINDOW, settled: false });
    expect(endpointer.advance(60 * WINDOW, Float32Array.from(windowsOf([20, 0])))).toEqual([
      { kind: 'utterance', startSample: 30 * WINDOW, endSample: 45 * WINDOW, endedBy: 'pause' },
    ]);
    expect(endpointer.cutAt(35 * WINDOW)).toEqual([]);
  });

  it('has the open utterance end where it would if nobody spoke any more', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    expect(endpointer.open(0)).toBeNull();
    endpointer.advance(22 * WINDOW, Float32Array.from(windowsOf([20, 0.9], [2, 0])));
    expect(endpointer.open(22 * WINDOW + 100)).toEqual({ startSample: 0, endSample: 22 * WINDOW, settled: false });
    endpointer.advance(29 * WINDOW, Float32Array.from(windowsOf([7, 0])));
    expect(endpointer.open(29 * WINDOW)).toEqual({ startSample: 0, endSample: 25 * WINDOW, settled: true });
  });

  it('has it settled once what is kept of the silence is over, and half of what ends it, until speech goes on', () => {
    const settledAfter = (settings: EndpointingSettings, silentWindows: number) => {
      const endpointer = createVoiceEndpointer(settings, earliest);
      endpointer.advance(10 * WINDOW, Float32Array.from(windowsOf([10, 0.9])));
      endpointer.advance((10 + silentWindows) * WINDOW, Float32Array.from(windowsOf([silentWindows, 0])));
      return endpointer.open((10 + silentWindows) * WINDOW)?.settled;
    };
    expect([0, 4, 5, 9].map((windows) => settledAfter(SETTINGS, windows))).toEqual([false, false, true, true]);
    expect([0, 4, 5].map((windows) => settledAfter({ ...SETTINGS, prefixMs: 0 }, windows))).toEqual([false, false, true]);
    expect([5, 7, 8].map((windows) => settledAfter({ ...SETTINGS, prefixMs: 256 }, windows))).toEqual([false, false, true]);
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    endpointer.advance(20 * WINDOW, Float32Array.from(windowsOf([10, 0.9], [9, 0], [1, 0.9])));
    expect(endpointer.open(20 * WINDOW)).toMatchObject({ settled: false });
  });

  it('takes nothing from before a change of language into the next utterance', () => {
    const endpointer = createVoiceEndpointer(SETTINGS, earliest);
    endpointer.advance(11 * WINDOW, Float32Array.from(windowsOf([10, 0], [1, 0.9])));
    const change = 11 * WINDOW + 100;
    expect(endpointer.end(change, 'language')).toEqual([]);
    const speech = endpointer.advance(15 * WINDOW, Float32Array.from(windowsOf([4, 0.9])));
    expect(speech).toEqual([{ kind: 'speech', atSample: change }]);
    expect(endpointer.end(15 * WINDOW, 'language')).toMatchObject([{ startSample: change, endedBy: 'language' }]);
  });
});

/** The definition, window by window. */
function speakingWindows(probabilities: readonly number[], threshold: number): boolean[] {
  const speaking: boolean[] = [];
  for (const [index, probability] of probabilities.entries()) {
    speaking.push(probability >= (speaking[index - 1] ? Math.max(0.01, threshold - 0.15) : threshold));
  }
  return speaking;
}
