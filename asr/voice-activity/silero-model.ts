import { floats, GraphSession, tensor } from '../../kernels/session.ts';
import { WINDOW_SAMPLES } from './voice-detector.ts';

/** Rows of one run; more take hardly less time each. */
export const MOST_ROWS = 32;

/** Samples of the window before that the model sees again: 4 ms. */
const CONTEXT_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
const STATE_LAYERS = 2;
const STATE_DIM = 128;
const SAMPLE_RATE_HZ = 16_000n;

/** What the model keeps of a signal from one window to the next. */
export interface SignalMemory {
  /** the end of the last window */
  readonly context: Float32Array; // [64]
  readonly state: Float32Array; // [2, 128]
}

/** A signal's next window. */
export interface SignalWindow {
  readonly memory: SignalMemory;
  readonly samples: Float32Array; // [512]
}

/** The memory of a signal that has not begun: silence. */
export function emptyMemory(): SignalMemory {
  return { context: new Float32Array(CONTEXT_SAMPLES), state: new Float32Array(STATE_LAYERS * STATE_DIM) };
}

/** Silero VAD v6. A window's probability does not depend on its neighbours in the batch, bitwise. */
export class SileroModel {
  readonly #session: GraphSession;
  readonly #sampleRate = tensor(BigInt64Array.of(SAMPLE_RATE_HZ), []);
  readonly #input = new Float32Array(MOST_ROWS * INPUT_SAMPLES);
  readonly #state = new Float32Array(STATE_LAYERS * MOST_ROWS * STATE_DIM);

  private constructor(session: GraphSession) {
    this.#session = session;
  }

  /** @throws FloraAsrError `engine_failed` if onnxruntime refuses the graph */
  static async open(modelPath: string): Promise<SileroModel> {
    // a window is so little work that a second thread only contends
    return new SileroModel(await GraphSession.open(modelPath, { provider: 'cpu', threads: 1 }));
  }

  /**
   * Judges windows of different signals, at most `MOST_ROWS`, and moves their memories on.
   * @returns the probability of speech for each
   */
  async judge(rows: readonly SignalWindow[]): Promise<Float32Array> {
    const batch = rows.length;
    const input = this.#input.subarray(0, batch * INPUT_SAMPLES); // [batch, 576]
    const state = this.#state.subarray(0, STATE_LAYERS * batch * STATE_DIM); // [2, batch, 128]
    for (const [row, { memory, samples }] of rows.entries()) {
      input.set(memory.context, row * INPUT_SAMPLES);
      input.set(samples, row * INPUT_SAMPLES + CONTEXT_SAMPLES);
      for (let layer = 0; layer < STATE_LAYERS; layer += 1) {
        state.set(layerOf(memory.state, layer), (layer * batch + row) * STATE_DIM);
      }
    }
    const feeds = {
      input: tensor(input, [batch, INPUT_SAMPLES]),
      state: tensor(state, [STATE_LAYERS, batch, STATE_DIM]),
      sr: this.#sampleRate,
    };
    const { output, stateN } = await this.#session.run(feeds, ['output', 'stateN']);
    remember(rows, floats(stateN));
    return floats(output); // [batch, 1]
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** @param states [2, batch, 128] */
function remember(rows: readonly SignalWindow[], states: Float32Array): void {
  for (const [row, { memory, samples }] of rows.entries()) {
    memory.context.set(samples.subarray(WINDOW_SAMPLES - CONTEXT_SAMPLES));
    for (let layer = 0; layer < STATE_LAYERS; layer += 1) {
      memory.state.set(layerOf(states, layer * rows.length + row), layer * STATE_DIM);
    }
  }
}

function layerOf(states: Float32Array, index: number): Float32Array {
  return states.subarray(index * STATE_DIM, (index + 1) * STATE_DIM); // [128]
}
