import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../../asr/process/start-worker.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import { type VoiceDetector, type VoiceSignal, WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import type { FloraAsrError } from '../../../kernels/errors.ts';
import { startDeadWorker } from '../../support/mortal-worker.ts';
import { cutSpeech, type SpeechPiece, speechFixtures } from '../../support/real-engine.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { noise } from '../../support/tiny-weights.ts';

const SECOND = 16_000;
const WORKER = new URL('../../../asr/voice-activity/silero-worker.ts', import.meta.url);

let speech: readonly SpeechPiece[];
beforeAll(async () => {
  speech = await speechFixtures();
});

/** Judges a signal that comes in the given pieces; without sizes, in one. */
async function judge(detector: VoiceDetector, samples: Float32Array, nextSize: () => number = () => samples.length) {
  const signal = detector.open();
  const judged: number[] = [];
  for (let from = 0; from < samples.length; ) {
    const size = nextSize();
    judged.push(...(await signal.push(samples.subarray(from, from + size))));
    from += size;
  }
  signal.close();
  return judged;
}

function shareOfSpeech(probabilities: readonly number[]): number {
  return probabilities.filter((probability) => probability > 0.5).length / probabilities.length;
}

/** What a push gave, or its error's code. */
async function outcome(push: Promise<Float32Array>): Promise<Float32Array | string> {
  return push.catch((error: unknown) => String((error as { code?: unknown }).code ?? error));
}

describe('the voice activity detector', () => {
  let detector: VoiceDetector;
  beforeAll(async () => {
    detector = await startSileroDetector();
  });
  afterAll(async () => detector.close());

  it('hears speech in every recording of it', async () => {
    expect(speech.length).toBeGreaterThan(20);
    for (const { samples } of speech) {
      const judged = await judge(detector, samples);
      expect(judged).toHaveLength(Math.floor(samples.length / WINDOW_SAMPLES));
      expect(shareOfSpeech(judged)).toBeGreaterThan(0.5);
    }
  });

  const hum = (loudness: number) =>
    Float32Array.from({ length: 20 * SECOND }, (_, index) => loudness * Math.sin((2 * Math.PI * 50 * index) / SECOND));
  const random = seededRandom(21);
  it.each([
    ['zeros', new Float32Array(20 * SECOND)],
    ['faint noise', noise(random, 20 * SECOND, 0.001)],
    ['noise', noise(random, 20 * SECOND, 0.05)],
    ['loud noise', noise(random, 20 * SECOND, 0.3)],
    ['faint hum', hum(0.01)],
    ['loud hum', hum(0.5)],
  ])('hears no speech in %s', async (_, samples) => {
    expect(shareOfSpeech(await judge(detector, samples))).toBeLessThan(0.01);
  });

  it('hears speech again after a long silence and through noise before it', async () => {
    const { samples } = speech[0] as SpeechPiece;
    const before = noise(seededRandom(22), 10 * SECOND, 0.01);
    before.fill(0, 5 * SECOND);
    const signal = detector.open();
    expect(shareOfSpeech([...(await signal.push(before))])).toBeLessThan(0.01);
    expect(shareOfSpeech([...(await signal.push(samples))])).toBeGreaterThan(0.5);
    signal.close();
  });

  it('gives a signal the same, bitwise, alone, among 32 others, and cut into any pieces', async () => {
    const pieces = cutSpeech(speech, { count: 32, seed: 5 });
    const alone: number[][] = [];
    for (const { samples } of pieces) alone.push(await judge(detector, samples));
    // one signal more than a batch has rows
    const file = judge(detector, noise(seededRandom(23), 60 * SECOND, 0.1));
    const together = pieces.map(({ samples }, index) => {
      const draw = seededRandom(index);
      // of 20 ms, or of any size up to 0.1 s
      return judge(detector, samples, index % 2 === 0 ? () => 320 : () => 1 + Math.floor(draw() * 1_600));
    });
    expect(await Promise.all(together)).toEqual(alone);
    await file;
  });

  it('answers a live signal while a long recording waits', async () => {
    const file = detector.open();
    await file.push(new Float32Array(WINDOW_SAMPLES));
    const waits = outcome(file.push(new Float32Array(600 * SECOND)));
    const live = detector.open();
    for (let window = 0; window < 5; window += 1) expect(await live.push(new Float32Array(WINDOW_SAMPLES))).toHaveLength(1);
    live.close();
    file.close();
    // and not its probabilities: it was not done when the live one was
    expect(await waits).toBe('cancelled');
  });

  it('rejects what a closed signal still waits for, and leaves the others untouched', async () => {
    const { samples } = speech[1] as SpeechPiece;
    const expected = await judge(detector, samples);
    const gone = detector.open();
    const waits = outcome(gone.push(new Float32Array(60 * SECOND)));
    const other = judge(detector, samples, () => 1_000);
    gone.close();
    expect(await waits).toBe('cancelled');
    expect(await outcome(gone.push(samples))).toBe('cancelled');
    expect(await other).toEqual(expected);
  });
});

describe('a voice activity detector whose worker is lost', () => {
  /** What no detector sends ends the worker between two batches, by an error that nobody catches. */
  const kill = (worker: Worker | undefined) => worker?.postMessage(null);

  it('fails the signals that are open, and judges those that are opened later as before', async () => {
    const workers: Worker[] = [];
    const losses: FloraAsrError[] = [];
    const detector = await startSileroDetector({
      onLost: (cause) => losses.push(cause),
      startWorker: () => {
        const worker = startWorker(WORKER);
        workers.push(worker);
        return worker;
      },
    });
    try {
      const { samples } = speech[2] as SpeechPiece;
      const expected = await judge(detector, samples);
      const signals: readonly VoiceSignal[] = Array.from({ length: 3 }, () => detector.open());
      await signals[1]?.push(samples);
      const inFlight = signals.slice(0, 2).map((signal) => outcome(signal.push(new Float32Array(60 * SECOND))));
      kill(workers[0]);
      expect(await Promise.all(inFlight)).toEqual(['engine_failed', 'engine_failed']);
      for (const signal of signals) expect(await outcome(signal.push(samples))).toBe('engine_failed');
      expect(losses).toMatchObject([{ code: 'engine_failed' }]);
      expect(workers).toHaveLength(1);
      expect(await Promise.all([judge(detector, samples), judge(detector, samples)])).toEqual([expected, expected]);
      expect(workers).toHaveLength(2);
    } finally {
      await detector.close();
    }
  });

  it('fails each signal, one worker for it, as long as workers do not live, and then recovers', async () => {
    const first = startWorker(WORKER);
    const next = [first, startDeadWorker, startDeadWorker, () => startWorker(WORKER)];
    const losses: FloraAsrError[] = [];
    const detector = await startSileroDetector({
      onLost: (cause) => losses.push(cause),
      startWorker: () => {
        const worker = next.shift();
        return typeof worker === 'function' ? worker() : (worker as Worker);
      },
    });
    try {
      const window = new Float32Array(WINDOW_SAMPLES);
      const open = detector.open();
      kill(first);
      expect(await outcome(open.push(window))).toBe('engine_failed');
      for (let worker = 0; worker < 2; worker += 1) expect(await outcome(detector.open().push(window))).toBe('engine_failed');
      expect(await outcome(detector.open().push(window))).toHaveLength(1);
      expect(losses.map(({ code }) => code)).toEqual(['engine_failed', 'engine_failed', 'engine_failed']);
    } finally {
      await detector.close();
    }
  });

  it('does not start if its worker does not live long enough to open the model', async () => {
    await expect(startSileroDetector({ startWorker: startDeadWorker })).rejects.toMatchObject({ code: 'engine_failed' });
  });
});

describe('a voice activity detector', () => {
  const temporaryFolder = temporaryFolders();

  it('does not start on a model that is not the one we know', async () => {
    const modelPath = path.join(temporaryFolder(), 'other.onnx');
    writeFileSync(modelPath, 'not a model');
    await expect(startSileroDetector({ modelPath })).rejects.toMatchObject({ code: 'weights_corrupt' });
  });

  it('that is closed ends its worker, fails open pushes and all further ones, and may be closed twice', async () => {
    let exits = 0;
    const detector = await startSileroDetector({
      startWorker: () => startWorker(WORKER).on('exit', () => (exits += 1)),
    });
    const signal = detector.open();
    const waits = outcome(signal.push(new Float32Array(60 * SECOND)));
    await detector.close();
    expect(exits).toBe(1);
    expect(await waits).toBe('engine_closed');
    expect(await outcome(signal.push(new Float32Array(1)))).toBe('engine_closed');
    expect(await outcome(detector.open().push(new Float32Array(1)))).toBe('engine_closed');
    signal.close();
    await detector.close();
    expect(exits).toBe(1);
  });
});
