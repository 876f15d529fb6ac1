import PQueue from 'p-queue';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface RowTurn {
  /** live rows go before those of files, whoever came first */
  readonly urgency: 'live' | 'file';
  readonly signal?: AbortSignal | undefined;
}

/**
 * In front of the engine's queue, which refuses what is too much: here rows wait for room instead. What waits is
 * bounded by whoever asks, a stream by its buffer, a file by its length.
 */
export class RowGate {
  readonly #queue: PQueue;

  /** @param most rows in the engine at once, at most the engine's `maxRows` */
  constructor(most: number) {
    this.#queue = new PQueue({ concurrency: most });
  }

  /** Rows that wait for room in the engine. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Runs `recognise` as soon as there is room. @throws FloraAsrError `cancelled` if it never ran; as `recognise` */
  async pass<Result>(recognise: () => Promise<Result>, { urgency, signal }: RowTurn): Promise<Result> {
    try {
      return await this.#queue.add(recognise, { priority: urgency === 'live' ? 1 : 0, ...(signal && { signal }) });
    } catch (error) {
      if (error instanceof FloraAsrError || signal?.aborted !== true) throw error;
      throw new FloraAsrError('cancelled', 'The recognition was cancelled.', { cause: error });
    }
  }
}
