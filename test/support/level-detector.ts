import { setImmediate as otherWork } from 'node:timers/promises';
import { type VoiceDetector, WINDOW_SAMPLES } from '../../asr/voice-activity/voice-detector.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface LevelDetector extends VoiceDetector {
  /** signals that are open */
  readonly signals: number;
  /** All pushes from now on fail. */
  fail(): void;
}

/** A voice detector that takes loudness for speech: a window is as probable as its loudest sample, at most 1. */
export function levelDetector(): LevelDetector {
  let failed = false;
  let signals = 0;
  return {
    get signals() {
      return signals;
    },
    fail() {
      failed = true;
    },
    open() {
      signals += 1;
      let filled = 0;
      let level = 0;
      return {
        async push(samples) {
          if (failed) throw new FloraAsrError('engine_closed', 'The detector was closed.');
          const probabilities: number[] = [];
          for (const sample of samples) {
            level = Math.max(level, Math.min(1, Math.abs(sample)));
            filled += 1;
            if (filled < WINDOW_SAMPLES) continue;
            probabilities.push(level);
            [filled, level] = [0, 0];
          }
          await otherWork();
          return Float32Array.from(probabilities);
        },
        close() {
          signals -= 1;
        },
      };
    },
    close: async () => undefined,
  };
}

/** A signal of which the detector above says these probabilities, one a window. */
export function signalOf(probabilities: Iterable<number>): Float32Array {
  const windows = [...probabilities];
  const signal = new Float32Array(windows.length * WINDOW_SAMPLES);
  for (const [index, probability] of windows.entries()) {
    signal.fill(probability, index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES);
  }
  return signal;
}

/** Windows alike, `[count, probability]` after `[count, probability]`. */
export function windowsOf(...runs: readonly (readonly [count: number, probability: number])[]): number[] {
  return runs.flatMap(([count, probability]) => Array.from({ length: count }, () => probability));
}
