/** Samples for which there is room at least: 1 s. */
const LEAST_ROOM = 16_000;

/** The last samples of a signal, found by their place in it. Takes at most four times the memory of what it must keep. */
export class SampleHistory {
  #memory = new Float32Array(LEAST_ROOM);
  /** the place of the first sample in memory */
  #base = 0;
  /** what is before this place need not be kept */
  #keptFrom = 0;
  #length = 0;

  /** All samples that were ever appended. */
  get length(): number {
    return this.#length;
  }

  append(samples: Float32Array): void {
    if (this.#length - this.#base + samples.length > this.#memory.length) this.#makeRoom(samples.length);
    this.#memory.set(samples, this.#length - this.#base);
    this.#length += samples.length;
  }

  forgetBefore(place: number): void {
    this.#keptFrom = Math.max(this.#keptFrom, Math.min(place, this.#length));
  }

  /** @returns the samples themselves, valid until the next `append` */
  view(from: number, to: number): Float32Array {
    if (from < this.#keptFrom || to > this.#length) {
      throw new RangeError(`Samples ${from} to ${to} were asked for; kept are ${this.#keptFrom} to ${this.#length}.`);
    }
    return this.#memory.subarray(from - this.#base, to - this.#base);
  }

  #makeRoom(count: number): void {
    const kept = this.view(this.#keptFrom, this.#length);
    const needed = Math.max(kept.length + count, LEAST_ROOM);
    const fits = needed <= this.#memory.length && 4 * needed > this.#memory.length;
    const memory = fits ? this.#memory : new Float32Array(2 * needed);
    memory.set(kept);
    this.#memory = memory;
    this.#base = this.#keptFrom;
  }
}
