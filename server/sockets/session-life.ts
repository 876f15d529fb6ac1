import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import type { StreamOutcome } from './stream-record.ts';

/** Why a session ends, if not because its client has gone. */
export type SessionEnding<Farewell> =
  | { readonly reason: 'finish' | 'drain' }
  | { readonly reason: 'error'; readonly error: unknown; readonly farewell: Farewell };

/** Too much of what was sent lies unread. */
export function readerTooSlow(): FloraAsrError {
  return new FloraAsrError('reader_too_slow', 'The client does not read its events.');
}

/** What is not answered yet is lost. */
export function cutOff(): FloraAsrError {
  return new FloraAsrError('draining', 'The service had to end before all of the audio was recognised.');
}

export interface SessionSteps<Farewell> {
  /** It is to end: nothing more is accepted. */
  readonly onFinishing: () => void;
  /** Resolves once all that was accepted is answered. */
  readonly answered: () => Promise<void>;
  /** What was accepted could not all be answered. */
  readonly onFailed: (error: unknown) => void;
  /** All is answered: what is left to say is said. */
  readonly onAnswered: (ending: SessionEnding<Farewell>) => void;
}

/**
 * How a session ends: it is open, then finishing, then closed.
 *
 * Invariants: of several reasons to end, the first is told; but an error is told instead of what it came after. Once
 * closed, it stays so.
 */
export class SessionLife<Farewell> {
  readonly #steps: SessionSteps<Farewell>;
  #stage: 'open' | 'finishing' | 'closed' = 'open';
  #ending: SessionEnding<Farewell> | null = null;
  #outcome: StreamOutcome = { reason: 'gone' };

  constructor(steps: SessionSteps<Farewell>) {
    this.#steps = steps;
  }

  get stage(): 'open' | 'finishing' | 'closed' {
    return this.#stage;
  }

  /** null while it is open, and where nobody is told why it was closed */
  get ending(): SessionEnding<Farewell> | null {
    return this.#ending;
  }

  /** for the record, once it is closed */
  get outcome(): StreamOutcome {
    return this.#outcome;
  }

  /** It ends once what was accepted is answered. */
  end(ending: SessionEnding<Farewell>): void {
    if (this.#stage === 'open') void this.#finish(ending);
    // a drain changes nothing
    else if (this.#stage === 'finishing' && ending.reason === 'error') this.#ending = ending;
  }

  /** It ends now. */
  close(ending: SessionEnding<Farewell>): void {
    if (this.#stage === 'closed') return;
    this.#ending = ending;
    const { reason } = ending;
    this.#shut(reason === 'error' ? { reason, code: describeError(ending.error).code } : { reason });
  }

  /** It ends now, and nobody is told why. */
  vanish(outcome: StreamOutcome): void {
    if (this.#stage === 'closed') return;
    this.#ending = null;
    this.#shut(outcome);
  }

  #shut(outcome: StreamOutcome): void {
    this.#stage = 'closed';
    this.#outcome = outcome;
  }

  async #finish(ending: SessionEnding<Farewell>): Promise<void> {
    this.#stage = 'finishing';
    this.#ending = ending;
    this.#steps.onFinishing();
    try {
      await this.#steps.answered();
    } catch (error) {
      this.#steps.onFailed(error);
    }
    // it may have been closed meanwhile, or have another reason to end
    if (this.stage === 'finishing' && this.#ending !== null) this.#steps.onAnswered(this.#ending);
  }
}
