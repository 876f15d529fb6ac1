import { z } from 'zod';
import type { EngineStats } from '../../../asr/engine/engine-stats.ts';
import type { RuntimeDescription } from '../../../asr/engine/open-model.ts';

/* What the bench asks the process of its service, a JSON line each, and what that answers. */

export const serviceRequestSchema = z.discriminatedUnion('command', [
  /** Start the service that the environment describes; once, first. */
  z.object({
    id: z.int(),
    command: z.literal('start'),
    /** null: rows end when the model says so */
    tokensPerSecond: z.number().positive().nullable(),
  }),
  z.object({ id: z.int(), command: z.literal('read') }),
]);
export type ServiceRequest = z.output<typeof serviceRequestSchema>;

export interface StartedService {
  readonly url: string;
  readonly runtime: RuntimeDescription;
}

/** What the process has used, and what its engine has done. */
export interface ServiceReading {
  readonly residentBytes: number;
  /** of all its threads, since it began */
  readonly cpuSeconds: number;
  readonly stats: EngineStats;
}
