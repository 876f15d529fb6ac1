import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { engineInstruments } from './engine-instruments.ts';
import type { EngineReadings, Metrics } from './metrics.ts';
import { ownVersion } from './own-version.ts';
import { trafficInstruments } from './traffic-instruments.ts';
import { utteranceInstruments } from './utterance-instruments.ts';

export interface MetricsOptions {
  /** how long a scrape waits for the engine, which answers between two batches; after that, its last readings are shown */
  readonly patienceMs?: number;
  /** where they are registered; never prom-client's global one */
  readonly registry?: Registry;
}

/** Below Prometheus' scrape timeout of 10 s. */
const PATIENCE_MS = 2_000;

/** Metrics in Prometheus' form, and under its conventions: base units, counters end in `_total`, few label values. */
export function createMetrics({ patienceMs = PATIENCE_MS, registry = new Registry() }: MetricsOptions = {}): Metrics {
  collectDefaultMetrics({ register: registry });
  addBuildInfo(registry);
  const engine = engineInstruments(registry);
  let read: () => Promise<EngineReadings | null> = async () => null;
  let reading: Promise<void> | null = null;

  /** Scrapes that come while one is on share it: an engine that does not answer is not asked again and again. */
  const readEngine = (): Promise<void> => {
    reading ??= readOrNull(read)
      .then(engine.show)
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  return {
    ...utteranceInstruments(registry),
    ...trafficInstruments(registry),
    watch(readings) {
      read = readings;
    },
    async exposition() {
      await settledWithin(patienceMs, readEngine());
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function addBuildInfo(registry: Registry): void {
  const info = new Gauge({
    name: 'flora_asr_build_info',
    help: 'always 1; what runs is in its labels',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  info.set({ version: ownVersion(), node: process.versions.node }, 1);
}

/** An engine that has failed has no readings, which is one itself; a scrape tells the rest all the same. */
async function readOrNull(read: () => Promise<EngineReadings | null>): Promise<EngineReadings | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}

async function settledWithin(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
