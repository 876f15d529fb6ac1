import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpointing } from '../../../asr/streaming/endpointing.ts';
import { type Cut, UtteranceCutter } from '../../../asr/streaming/utterance-cutter.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { sine } from '../audio/signals.ts';

const WINDOW = 512;
const SECOND = 16_000;
const SETTINGS = { silenceMs: 500, prefixMs: 300, threshold: 0.5 };

/** Cuts a signal that comes in pieces of these lengths, of whose windows the detector says these probabilities. */
function cutsOf(
  signal: Float32Array,
  probabilities: readonly number[],
  { endpointing, pieces = [signal.length] }: { endpointing: Endpointing; pieces?: readonly number[] },
): Cut[] {
  const cutter = new UtteranceCutter(endpointing);
  const cuts: Cut[] = [];
  let [received, judged] = [0, 0];
  for (let turn = 0; received < signal.length; turn += 1) {
    const piece = signal.subarray(received, received + (pieces[turn % pieces.length] ?? signal.length));
    received += piece.length;
    const heard = endpointing === 'off' ? [] : probabilities.slice(judged, Math.floor(received / WINDOW));
    judged += heard.length;
    cuts.push(...cutter.push(piece, Float32Array.from(heard)));
  }
  return [...cuts, ...cutter.end('finish')];
}

function utterancesOf(cuts: readonly Cut[]) {
  return cuts.flatMap((cut) => (cut.kind === 'utterance' ? [cut.utterance] : []));
}

/** Comparing samples one by one is slow. */
function digest(samples: Float32Array): string {
  return createHash('sha1')
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');
}

function digested(cut: Cut) {
  return cut.kind === 'speech' ? cut : { ...cut.utterance, samples: digest(cut.utterance.samples) };
}

/** Speech and pauses of any length, up to 90 s, with a signal to go with them that nowhere repeats itself. */
const speech = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.constantFrom(0, 0.4, 0.9)), { minLength: 1, maxLength: 4 })
  .map((runs) => {
    const probabilities = windowsOf(...runs);
    const signal = signalOf(probabilities);
    for (let index = 0; index < signal.length; index += 1) {
      signal[index] = (0.1 + (signal[index] as number)) * (Math.imul(index, 2_654_435_761) / 2 ** 31);
    }
    return { probabilities, signal };
  });
/** one of them at least is long, for the sake of the test's time */
const pieces = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 5 }), fc.integer({ min: 5_000, max: 90_000 }))
  .map(([short, long]) => [...short, long]);
const endpointing = fc.oneof(
  fc.constant('off' as const),
  fc.record({
    silenceMs: fc.integer({ min: 100, max: 3_000 }),
    prefixMs: fc.integer({ min: 0, max: 2_000 }),
    threshold: fc.constantFrom(0.3, 0.5),
  }),
);

describe('cutting a channel into utterances', () => {
  it('cuts it alike, however it comes in pieces', () => {
    fc.assert(
      fc.property(speech, pieces, endpointing, ({ signal, probabilities }, lengths, how) => {
        const atOnce = cutsOf(signal, probabilities, { endpointing: how });
        const inPieces = cutsOf(signal, probabilities, { endpointing: how, pieces: lengths });
        expect(inPieces.map(digested)).toEqual(atOnce.map(digested));
      }),
      { numRuns: 40 },
    );
  });

  it('gives utterances their samples, in order and apart, at most 30 s of them', () => {
    fc.assert(
      fc.property(speech, pieces, endpointing, ({ signal, probabilities }, lengths, how) => {
        let end = 0;
        for (const { startSample, endSample, samples } of utterancesOf(
          cutsOf(signal, probabilities, { endpointing: how, pieces: lengths }),
        )) {
          expect(startSample).toBeGreaterThanOrEqual(end);
          expect(digest(samples)).toBe(digest(signal.slice(startSample, endSample)));
          expect(samples.length).toBe(endSample - startSample);
          expect(samples.length).toBeLessThanOrEqual(30 * SECOND);
          end = endSample;
        }
        if (how === 'off') expect(end).toBe(signal.length);
      }),
      { numRuns: 40 },
    );
  });

  it('cuts speech without a pause in the middle of its quietest 100 ms between the 20th and the 28th second', () => {
    const signal = sine(220, { rate: SECOND, length: 45 * SECOND });
    signal.fill(0, 10 * SECOND, 12 * SECOND); // longer, but too early
    signal.fill(0, 28.5 * SECOND, 29 * SECOND); // and too late
    signal.fill(0, 23.4 * SECOND, 23.5 * SECOND);
    const probabilities = windowsOf([Math.floor(signal.length / WINDOW), 0.9]);
    for (const how of [SETTINGS, 'off'] as const) {
      const utterances = utterancesOf(cutsOf(signal, probabilities, { endpointing: how }));
      expect(utterances).toMatchObject([
        { startSample: 0, endSample: 23.45 * SECOND, endedBy: 'length' },
        { startSample: 23.45 * SECOND, endSample: signal.length, endedBy: 'finish' },
      ]);
    }
  });

  it('makes one utterance of all samples, up to 30 s, without endpointing', () => {
    for (const length of [1, 1_000, 30 * SECOND]) {
      const signal = sine(220, { rate: SECOND, length });
      expect(cutsOf(signal, [], { endpointing: 'off', pieces: [7_777] }).map(digested)).toEqual([
        { startSample: 0, endSample: length, endedBy: 'finish', samples: digest(signal) },
      ]);
    }
    expect(utterancesOf(cutsOf(new Float32Array(30 * SECOND + 1), [], { endpointing: 'off' }))).toHaveLength(2);
  });

  it('makes nothing of no audio', () => {
    expect(cutsOf(new Float32Array(0), [], { endpointing: 'off' })).toEqual([]);
    expect(cutsOf(new Float32Array(0), [], { endpointing: SETTINGS })).toEqual([]);
  });

  it('goes on behind a flush', () => {
    const cutter = new UtteranceCutter('off');
    cutter.push(new Float32Array(1_000), new Float32Array(0));
    expect(utterancesOf(cutter.end('flush'))).toMatchObject([{ startSample: 0, endSample: 1_000, endedBy: 'flush' }]);
    expect(cutter.end('flush')).toEqual([]);
    cutter.push(new Float32Array(10), new Float32Array(0));
    expect(utterancesOf(cutter.end('finish'))).toMatchObject([{ startSample: 1_000, endSample: 1_010, endedBy: 'finish' }]);
  });

  it('knows which audio is not decided yet', () => {
    const cutter = new UtteranceCutter(SETTINGS);
    cutter.push(new Float32Array(100 * WINDOW + 100), Float32Array.from(windowsOf([100, 0])));
    expect(cutter.receivedSamples).toBe(100 * WINDOW + 100);
    expect(cutter.judgedSamples).toBe(100 * WINDOW);
    expect(cutter.undecidedFrom).toBeGreaterThanOrEqual(99 * WINDOW - 0.3 * SECOND);
    cutter.push(new Float32Array(60 * WINDOW), Float32Array.from(windowsOf([60, 0.9])));
    expect(cutter.undecidedFrom).toBe(100 * WINDOW - 0.3 * SECOND);
  });
});
