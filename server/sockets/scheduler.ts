/** Runs something later, once; what it returns takes it back. Tests bring their own, so that they need not wait. */
export type Scheduler = (run: () => void, delayMs: number) => () => void;

export const systemScheduler: Scheduler = (run, delayMs) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** One thing that is to happen later; setting it anew takes back what was set. */
export class Deadline {
  readonly #schedule: Scheduler;
  #takeBack: () => void = () => undefined;

  constructor(schedule: Scheduler) {
    this.#schedule = schedule;
  }

  set(run: () => void, delayMs: number): void {
    this.#takeBack();
    this.#takeBack = this.#schedule(run, delayMs);
  }

  clear(): void {
    this.#takeBack();
  }
}
