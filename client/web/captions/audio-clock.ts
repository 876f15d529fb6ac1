/** Which moment of the page's clock a place in a stream's audio belongs to. */
export class AudioClock {
  readonly #marks: { readonly seconds: number; readonly atMs: number }[] = [];

  /** Audio up to this place was there at this moment. Places and moments never fall. */
  mark(seconds: number, atMs: number): void {
    this.#marks.push({ seconds, atMs });
  }

  /** When that place was there; null if it is not there yet. */
  momentOf(seconds: number): number | null {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.seconds ?? 0) < seconds) low = middle + 1;
      else high = middle;
    }
    const mark = this.#marks[low];
    // audio comes in pieces, whose last sample is as old as the mark
    return mark === undefined ? null : mark.atMs - 1000 * (mark.seconds - seconds);
  }
}
