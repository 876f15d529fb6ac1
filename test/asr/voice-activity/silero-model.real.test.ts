import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyMemory, MOST_ROWS, type SignalWindow, SileroModel } from '../../../asr/voice-activity/silero-model.ts';
import { findSileroModel } from '../../../asr/voice-activity/silero-weights.ts';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { noise } from '../../support/tiny-weights.ts';

let model: SileroModel;
beforeAll(async () => {
  model = await SileroModel.open(findSileroModel());
});
afterAll(async () => model.close());

/** Noise from far too loud to denormal, with memories that are empty, or as from any signal. */
function drawWindow(random: () => number): SignalWindow {
  const loudness = [20, 1, 0.1, 1e-3, 1e-20, 1e-42, 0][Math.floor(random() * 7)] as number;
  const memory = emptyMemory();
  if (random() < 0.7) {
    memory.context.set(noise(random, memory.context.length, loudness));
    memory.state.set(noise(random, memory.state.length));
  }
  return { memory, samples: noise(random, WINDOW_SAMPLES, loudness) };
}

interface Judged {
  readonly probability: number;
  readonly memory: SignalWindow['memory'];
}

/** Leaves the windows as they are. */
async function judge(windows: readonly SignalWindow[]): Promise<readonly Judged[]> {
  const rows = structuredClone(windows);
  const probabilities = await model.judge(rows);
  return rows.map(({ memory }, row) => ({ probability: probabilities[row] as number, memory }));
}

describe('SileroModel', () => {
  it('gives a window the same, bitwise, alone and in any batch: probability and memory', async () => {
    const random = seededRandom(11);
    const windows = Array.from({ length: 64 }, () => drawWindow(random));
    const alone: Judged[] = [];
    for (const window of windows) alone.push(...(await judge([window])));
    expect(new Set(alone.map(({ probability }) => probability)).size).toBeGreaterThan(32);
    for (let batch = 1; batch <= MOST_ROWS; batch += 1) {
      for (let round = 0; round < 12; round += 1) {
        const picks = Array.from({ length: batch }, () => Math.floor(random() * windows.length));
        const together = await judge(picks.map((pick) => windows[pick] as SignalWindow));
        expect(together, `${batch} rows`).toEqual(picks.map((pick) => alone[pick]));
      }
    }
  });

  it('remembers: the same window is judged otherwise after another one', async () => {
    const random = seededRandom(12);
    const samples = noise(random, WINDOW_SAMPLES, 0.1);
    const memory = emptyMemory();
    const [first] = await model.judge([{ memory, samples }]);
    expect(memory.context).toEqual(samples.slice(-memory.context.length));
    const [second] = await model.judge([{ memory, samples }]);
    expect(second).not.toBe(first);
  });
});
