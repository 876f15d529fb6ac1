import type { Scheduler } from '../../server/sockets/scheduler.ts';

export interface ManualScheduler {
  readonly schedule: Scheduler;
  /** Lets time go by: what is due by then runs, in its order. */
  advance(ms: number): void;
  /** what is still to come */
  readonly pending: number;
}

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that goes by only when a test says so. */
export function manualScheduler(): ManualScheduler {
  let nowMs = 0;
  const due = new Set<Due>();
  const next = (untilMs: number) =>
    [...due].filter(({ atMs }) => atMs <= untilMs).sort((left, right) => left.atMs - right.atMs)[0];
  return {
    schedule(run, delayMs) {
      const entry = { atMs: nowMs + delayMs, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let entry = next(untilMs); entry !== undefined; entry = next(untilMs)) {
        due.delete(entry);
        nowMs = entry.atMs;
        entry.run();
      }
      nowMs = untilMs;
    },
    get pending() {
      return due.size;
    },
  };
}
