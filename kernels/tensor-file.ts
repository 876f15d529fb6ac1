import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FloraAsrError } from './errors.ts';

/**
 * A file of tensors, open for reading at any place. Reads are synchronous: they happen while graphs
 * are compiled or adapters loaded, one tensor at a time, and never while requests wait.
 */
export class TensorFile {
  readonly path: string;
  readonly sizeBytes: number;
  #descriptor: number | null;

  /** @throws FloraAsrError `weights_not_found` if the file cannot be opened */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (cause) {
      const reason =
        (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : `cannot be opened (${String(cause)})`;
      throw new FloraAsrError('weights_not_found', `The weight file ${path} ${reason}.`, { cause });
    }
    this.sizeBytes = fstatSync(this.#descriptor).size;
  }

  /** @throws FloraAsrError `weights_corrupt`, naming the file and `what` was read, if the file ends before */
  read(position: number, bytes: number, what: string): Uint8Array<ArrayBuffer> {
    if (this.#descriptor === null)
      throw new FloraAsrError('weights_not_found', `${this.path} was closed before ${what} was read.`);
    if (position + bytes > this.sizeBytes) {
      throw this.corrupt(
        `${what} ends at byte ${position + bytes}, but the file has ${this.sizeBytes}; it is cut off or damaged`,
      );
    }
    // fresh memory, not from a pool, so that it can be viewed as floats
    const content = new Uint8Array(bytes);
    let done = 0;
    while (done < bytes) {
      const count = readSync(this.#descriptor, content, done, bytes - done, position + done);
      if (count === 0) throw this.corrupt(`${what} could not be read whole; the file became shorter`);
      done += count;
    }
    return content;
  }

  corrupt(problem: string): FloraAsrError {
    return new FloraAsrError('weights_corrupt', `${this.path}: ${problem}.`);
  }

  unsupported(problem: string): FloraAsrError {
    return new FloraAsrError('weights_unsupported', `${this.path}: ${problem}.`);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
