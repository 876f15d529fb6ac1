import { randomBytes } from 'node:crypto';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Client } from '../access/access.ts';

/** What goes on without a connection. */
export interface DetachableSession {
  readonly client: Client;
  /** The service ends, and nobody can come back to it. */
  endDetached(): void;
}

export interface DetachedLimits {
  readonly most: number;
  readonly mostPerClient: number;
}

/** Nobody guesses 192 bits. */
const ID_BYTES = 24;

/**
 * The sessions that may be resumed, by their secret ids, and those among them that have no connection now.
 *
 * Invariant: who is detached is known by its id, and of its client there are no more than its limit.
 */
export class ResumableSessions<Session extends DetachableSession> {
  readonly #limits: DetachedLimits;
  readonly #onCount: (detached: number) => void;
  readonly #byId = new Map<string, Session>();
  readonly #detached = new Set<Session>();
  #draining = false;

  /** @param onCount told how many are detached, whenever that changes */
  constructor(limits: DetachedLimits, onCount: (detached: number) => void) {
    this.#limits = limits;
    this.#onCount = onCount;
  }

  /** @returns by what it is found from now on; a secret */
  add(session: Session): string {
    const id = randomBytes(ID_BYTES).toString('base64url');
    this.#byId.set(id, session);
    return id;
  }

  /** @throws FloraAsrError `session_unknown`, for those of others too */
  find(id: string, client: Client): Session {
    const session = this.#byId.get(id);
    if (session !== undefined && session.client.name === client.name) return session;
    throw new FloraAsrError('session_unknown', 'There is no such session, or not any more; start a new one.', {
      param: 'session',
    });
  }

  /** @returns whether it is kept: not if there are too many, or the service ends */
  detach(session: Session): boolean {
    if (this.#draining || this.#detached.size >= this.#limits.most) return false;
    const ofClient = [...this.#detached].filter(({ client }) => client.name === session.client.name).length;
    if (ofClient >= this.#limits.mostPerClient) return false;
    this.#detached.add(session);
    this.#onCount(this.#detached.size);
    return true;
  }

  /** It has a connection again. */
  attach(session: Session): void {
    if (this.#detached.delete(session)) this.#onCount(this.#detached.size);
  }

  /** It has ended. */
  forget(id: string, session: Session): void {
    this.#byId.delete(id);
    this.attach(session);
  }

  /** Ends those that are detached, and keeps none from now on. */
  drain(): void {
    this.#draining = true;
    for (const session of [...this.#detached]) session.endDetached();
  }
}
