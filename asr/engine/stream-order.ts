/**
 * Hands results out in the order in which their rows entered their stream, whatever order they are settled in.
 * Streams do not wait for each other.
 */
export class StreamOrder<Id> {
  /** by stream: rows not yet handed out, oldest first; a settled one waits for those before it */
  readonly #streams = new Map<string, { readonly id: Id; deliver: (() => void) | null }[]>();

  enter(stream: string, id: Id): void {
    const rows = this.#streams.get(stream) ?? [];
    rows.push({ id, deliver: null });
    this.#streams.set(stream, rows);
  }

  /** `deliver` is called once all rows before this one were: now, or from a later call. */
  settle(stream: string, id: Id, deliver: () => void): void {
    const rows = this.#streams.get(stream);
    const row = rows?.find((entry) => entry.id === id);
    if (rows === undefined || row === undefined) throw new RangeError(`Stream ${stream} has no row ${String(id)}.`);
    row.deliver = deliver;
    for (let head = rows[0]; head?.deliver; head = rows[0]) {
      rows.shift();
      head.deliver();
    }
    // `deliver` may have entered a new row
    if (rows.length === 0 && this.#streams.get(stream) === rows) this.#streams.delete(stream);
  }
}
