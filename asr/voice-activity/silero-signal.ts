import { FloraAsrError } from '../../kernels/errors.ts';
import { cutWindows } from './cut-windows.ts';
import { type VoiceSignal, WINDOW_SAMPLES } from './voice-detector.ts';

export interface SignalLine {
  /** takes windows to be judged, [count, 512], which are its own from then on */
  send(windows: Float32Array<ArrayBuffer>): void;
  /** Nothing more comes, and nothing more is wanted. */
  close(): void;
}

interface OpenPush {
  /** windows that it completed, perhaps none */
  readonly windows: number;
  readonly resolve: (probabilities: Float32Array) => void;
  readonly reject: (error: FloraAsrError) => void;
}

/**
 * The caller's end of a signal.
 *
 * Invariant: the oldest open push completed a window. One that completed none is there only to be answered in its
 * order, behind others.
 */
export class SileroSignal implements VoiceSignal {
  readonly #line: SignalLine;
  readonly #open: OpenPush[] = [];
  #rest: Float32Array = new Float32Array(0);
  #failure: FloraAsrError | null = null;

  constructor(line: SignalLine) {
    this.#line = line;
  }

  async push(samples: Float32Array): Promise<Float32Array> {
    if (this.#failure !== null) throw this.#failure;
    const { windows, rest } = cutWindows(this.#rest, samples);
    this.#rest = rest;
    if (windows.length === 0 && this.#open.length === 0) return windows;
    return new Promise((resolve, reject) => {
      this.#open.push({ windows: windows.length / WINDOW_SAMPLES, resolve, reject });
      if (windows.length > 0) this.#line.send(windows);
    });
  }

  close(): void {
    if (this.#failure !== null) return;
    this.fail(new FloraAsrError('cancelled', 'The signal was closed.'));
    this.#line.close();
  }

  /** Answers the oldest push. */
  settle(probabilities: Float32Array): void {
    this.#open.shift()?.resolve(probabilities);
    while (this.#open[0]?.windows === 0) this.#open.shift()?.resolve(new Float32Array(0));
  }

  /** Rejects all pushes that are open, and all further ones. */
  fail(error: FloraAsrError): void {
    this.#failure ??= error;
    for (const { reject } of this.#open.splice(0)) reject(this.#failure);
  }
}
