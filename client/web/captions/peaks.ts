/** The outline of a stream's audio: the loudest sample of each piece, as it comes. */
export class Peaks {
  readonly samplesPerPeak: number;
  #values = new Float32Array(1_024);
  #length = 0;
  #samples = 0;

  constructor(samplesPerPeak: number) {
    this.samplesPerPeak = samplesPerPeak;
  }

  /** Peaks so far; the last may still rise. */
  get length(): number {
    return this.#length;
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  /** 0 to 1; 0 where there is none. */
  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  push(samples: Float32Array): void {
    for (const sample of samples) {
      const index = Math.floor(this.#samples / this.samplesPerPeak);
      if (index >= this.#values.length) this.#grow();
      const loudness = Math.abs(sample);
      if (loudness > (this.#values[index] ?? 0)) this.#values[index] = Math.min(1, loudness);
      this.#samples += 1;
      this.#length = index + 1;
    }
  }

  #grow(): void {
    const grown = new Float32Array(2 * this.#values.length);
    grown.set(this.#values);
    this.#values = grown;
  }
}
