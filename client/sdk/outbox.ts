type Entry =
  | {
      readonly kind: 'audio';
      /** of the stream, behind its last */
      readonly endFrame: number;
      readonly data: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly kind: 'message';
      /** among the stream's messages */
      readonly place: number;
      readonly data: string;
    };

/** How far the service has come. */
export interface Accepted {
  /** of audio */
  readonly frames: number;
  readonly messages: number;
}

export interface OutboxOptions {
  readonly bytesPerFrame: number;
  /** of one piece of audio */
  readonly mostBytes: number;
}

/**
 * What a stream sends, in its order: audio, and messages between it.
 *
 * Invariant: `#entries` is what was not accepted yet, and what is accepted is always the beginning of it. Those before
 * `#next` have been taken. The service accepts a piece of audio whole or not at all.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #entries: Entry[] = [];
  #next = 0;
  #frames = 0;
  #messages = 0;
  #heldBytes = 0;
  #untakenBytes = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** What is kept here, sent or not. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What is still to be sent. */
  get untakenBytes(): number {
    return this.#untakenBytes;
  }

  /** @param bytes whole frames; they are not copied */
  putAudio(bytes: Uint8Array<ArrayBuffer>): void {
    const { bytesPerFrame, mostBytes } = this.#options;
    const step = Math.max(1, Math.floor(mostBytes / bytesPerFrame)) * bytesPerFrame;
    for (let at = 0; at < bytes.length; at += step) {
      const piece = bytes.subarray(at, at + step);
      this.#frames += piece.length / bytesPerFrame;
      this.#put({ kind: 'audio', endFrame: this.#frames, data: piece });
    }
  }

  putMessage(message: object): void {
    this.#put({ kind: 'message', place: this.#messages, data: JSON.stringify(message) });
    this.#messages += 1;
  }

  /** The next to be sent; null if there is none. @param kept until the service has accepted it */
  take(kept: boolean): Uint8Array<ArrayBuffer> | string | null {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return null;
    this.#untakenBytes -= entry.data.length;
    if (kept) {
      this.#next += 1;
    } else {
      this.#entries.shift();
      this.#heldBytes -= entry.data.length;
    }
    return entry.data;
  }

  /** The service has so much. */
  accepted(accepted: Accepted): void {
    let gone = 0;
    while (isWithin(this.#entries[gone], accepted)) gone += 1;
    this.#entries.splice(0, gone);
    this.#next = Math.max(0, this.#next - gone);
    this.#count();
  }

  /** The service has so much, and nothing else: the rest is to be sent again. */
  rewind(accepted: Accepted): void {
    this.#next = 0;
    this.accepted(accepted);
  }

  #put(entry: Entry): void {
    this.#entries.push(entry);
    this.#heldBytes += entry.data.length;
    this.#untakenBytes += entry.data.length;
  }

  #count(): void {
    const bytesFrom = (index: number) => this.#entries.slice(index).reduce((sum, { data }) => sum + data.length, 0);
    this.#heldBytes = bytesFrom(0);
    this.#untakenBytes = bytesFrom(this.#next);
  }
}

function isWithin(entry: Entry | undefined, { frames, messages }: Accepted): boolean {
  if (entry === undefined) return false;
  return entry.kind === 'audio' ? entry.endFrame <= frames : entry.place < messages;
}
