import { setTimeout as pause } from 'node:timers/promises';
import type { EngineStats } from '../../asr/engine/engine-stats.ts';

/** One pass of a system over its utterances. */
export interface Measurement {
  readonly utterances: number;
  readonly audioSeconds: number;
  /** text tokens that were generated */
  readonly tokens: number;
  readonly seconds: number;
  /** what our engine did meanwhile; null for others */
  readonly stats: EngineStats | null;
}

/** Something that is open and ready, and works only when asked. */
export interface MeasuredSystem {
  readonly name: string;
  /** it takes part in so many rounds, from the first on */
  readonly rounds: number;
  /** once before the rounds, untimed */
  warmUp(): Promise<void>;
  measure(): Promise<Measurement>;
}

export interface RoundOptions {
  /** between two systems, so that threads which spin while they wait for more work have gone to sleep */
  readonly settleMs: number;
  readonly signal: AbortSignal;
  readonly onWarmUp: (system: MeasuredSystem) => void;
  readonly onMeasured: (system: MeasuredSystem, measurement: Measurement, turn: Turn) => void;
}

/** How far the run has come: `done` of `total` turns. */
export interface Turn {
  readonly done: number;
  readonly total: number;
}

/**
 * Measures systems in one run, interleaved, never two at once: drift of the machine meets all of them. Each round
 * begins with another system, so that none always follows the same one.
 * @returns each system's measurements by round
 */
export async function measureRounds(
  systems: readonly MeasuredSystem[],
  { settleMs, signal, onWarmUp, onMeasured }: RoundOptions,
): Promise<ReadonlyMap<MeasuredSystem, readonly Measurement[]>> {
  const measured = new Map<MeasuredSystem, Measurement[]>(systems.map((system) => [system, []]));
  const turns = turnsOf(systems);
  for (const system of systems) {
    onWarmUp(system);
    await system.warmUp();
  }
  for (const [turn, system] of turns.entries()) {
    await pause(settleMs, undefined, { signal });
    const measurement = await system.measure();
    measured.get(system)?.push(measurement);
    onMeasured(system, measurement, { done: turn + 1, total: turns.length });
  }
  return measured;
}

/** The order of work: round after round, each one rotated by one more. */
export function turnsOf<System extends Pick<MeasuredSystem, 'rounds'>>(systems: readonly System[]): readonly System[] {
  const rounds = Math.max(0, ...systems.map((system) => system.rounds));
  return Array.from({ length: rounds }, (_, round) => {
    const first = round % systems.length;
    return [...systems.slice(first), ...systems.slice(0, first)].filter((system) => round < system.rounds);
  }).flat();
}
