/** Makes whole frames of bytes that are cut anywhere, as a pipe cuts them. */
export class FrameCutter {
  readonly #bytesPerFrame: number;
  /** less than a frame */
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(bytesPerFrame: number) {
    this.#bytesPerFrame = bytesPerFrame;
  }

  /** @param bytes may be returned as they are, or a part of them @returns whole frames; may be none */
  push(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const joined = this.#rest.length === 0 ? bytes : join(this.#rest, bytes);
    const whole = joined.length - (joined.length % this.#bytesPerFrame);
    this.#rest = joined.slice(whole);
    return joined.subarray(0, whole);
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
