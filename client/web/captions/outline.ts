/** The outline of a stream's audio as it comes: how loud each piece of it is. */
export class Outline {
  readonly samplesPerPiece: number;
  /** sums of squares */
  #energies = new Float32Array(1_024);
  #samples = 0;

  constructor(samplesPerPiece: number) {
    this.samplesPerPiece = samplesPerPiece;
  }

  /** Pieces so far; the last may still rise. */
  get pieces(): number {
    return Math.ceil(this.#samples / this.samplesPerPiece);
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  /** The root of a piece's mean square, 0 to 1; 0 where there is none. */
  loudnessOf(piece: number): number {
    return Math.min(1, Math.sqrt((this.#energies[piece] ?? 0) / this.samplesPerPiece));
  }

  push(samples: Float32Array): void {
    for (const sample of samples) {
      const piece = Math.floor(this.#samples / this.samplesPerPiece);
      if (piece >= this.#energies.length) this.#grow();
      this.#energies[piece] = (this.#energies[piece] ?? 0) + sample * sample;
      this.#samples += 1;
    }
  }

  #grow(): void {
    const grown = new Float32Array(2 * this.#energies.length);
    grown.set(this.#energies);
    this.#energies = grown;
  }
}
