import PQueue from 'p-queue';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface RowTurn {
  /**
   * Live rows go before those of files, and these before partials, whoever came first. Of partials, those of utterances
   * that show nothing yet go before the others, the last one to come first: where there are too many, some utterances have
   * their first words soon, and not all of them late.
   */
  readonly urgency: RowUrgency;
  readonly signal?: AbortSignal | undefined;
}

export type RowUrgency = keyof typeof PRIORITIES;

const PRIORITIES = { live: 2, file: 1, firstPartial: 0, partial: 0 } as const;

/**
 * Partials in the engine at once, unless told otherwise: every one takes its share of each step from the finals. One at a
 * time halves what finals wait for at 32 streams, and at 8 partials come no later (docs/performance.md).
 */
const DEFAULT_MOST_PARTIALS = 1;

/**
 * In front of the engine's queue, which refuses what is too much: here rows wait for room instead. What waits is
 * bounded by whoever asks, a stream by its buffer, a file by its length, partials by one for each channel.
 */
export class RowGate {
  readonly #queue: PQueue;
  /** only so many partials get as far as the queue: the others wait here */
  readonly #partials: PQueue;
  /** that have come by now: each has a higher priority than those before it */
  #firstPartials = 0;

  /**
   * @param most rows in the engine at once, at most the engine's `maxRows`
   * @param mostPartials of them that are partials
   */
  constructor(most: number, mostPartials = DEFAULT_MOST_PARTIALS) {
    this.#queue = new PQueue({ concurrency: most });
    this.#partials = new PQueue({ concurrency: mostPartials });
  }

  /** Rows that wait for room in the engine; partials, which nobody is owed, do not count. */
  get waiting(): number {
    return this.#queue.sizeBy({ priority: PRIORITIES.live }) + this.#queue.sizeBy({ priority: PRIORITIES.file });
  }

  /** Runs `recognise` as soon as there is room. @throws FloraAsrError `cancelled` if it never ran; as `recognise` */
  async pass<Result>(recognise: () => Promise<Result>, { urgency, signal }: RowTurn): Promise<Result> {
    const turn = (priority: number) => ({ priority, ...(signal && { signal }) });
    const enter = async () => this.#queue.add(recognise, turn(PRIORITIES[urgency]));
    try {
      return await (isPartial(urgency) ? this.#partials.add(enter, turn(this.#partialPriority(urgency))) : enter());
    } catch (error) {
      if (error instanceof FloraAsrError || signal?.aborted !== true) throw error;
      throw new FloraAsrError('cancelled', 'The recognition was cancelled.', { cause: error });
    }
  }

  #partialPriority(urgency: RowUrgency): number {
    if (urgency === 'partial') return 0;
    this.#firstPartials += 1;
    return this.#firstPartials;
  }
}

function isPartial(urgency: RowUrgency): boolean {
  return urgency === 'partial' || urgency === 'firstPartial';
}
