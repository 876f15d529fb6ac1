import { Deadline, type Scheduler } from './scheduler.ts';

export interface HeartbeatOptions {
  readonly everyMs: number;
  readonly schedule: Scheduler;
  readonly ping: () => void;
  /** Pings were not answered, and nothing else was heard: the other side is gone, though nobody said so. */
  readonly onDead: () => void;
}

const MOST_UNANSWERED = 2;

/** Pings one connection, and finds out when nobody is there any more. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #next: Deadline;
  #unanswered = 0;
  #deaf = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#next = new Deadline(options.schedule);
    this.#beatLater();
  }

  /** A pong, or anything else: the other side lives. */
  heard(): void {
    this.#unanswered = 0;
  }

  /** While we do not read, pongs lie unread: silence says nothing then. */
  setDeaf(deaf: boolean): void {
    this.#deaf = deaf;
    this.#unanswered = 0;
  }

  stop(): void {
    this.#next.clear();
  }

  #beat(): void {
    if (this.#unanswered >= MOST_UNANSWERED) return this.#options.onDead();
    if (!this.#deaf) this.#unanswered += 1;
    this.#options.ping();
    this.#beatLater();
  }

  #beatLater(): void {
    this.#next.set(() => this.#beat(), this.#options.everyMs);
  }
}
