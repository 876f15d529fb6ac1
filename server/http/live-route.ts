import type { IRouter, RequestHandler } from 'express';
import type { RowLabel } from '../../asr/engine/batch-view.ts';
import type { EngineStats } from '../../asr/engine/engine-stats.ts';
import type { LiveBody } from '../protocol/rest-messages.ts';
import type { Service } from '../service.ts';
import { addRoute } from './add-route.ts';

interface LiveRoute {
  readonly service: Service;
  readonly identified: RequestHandler;
}

/** What the shared batch is doing, for operators who want to look on. */
export function addLiveRoute(app: IRouter, { service, identified }: LiveRoute): void {
  let reading: Promise<LiveBody> | null = null;
  /** Those who ask while the engine is being asked share its answer: it comes between two batches. */
  const read = (): Promise<LiveBody> => {
    reading ??= readLive(service).finally(() => {
      reading = null;
    });
    return reading;
  };
  addRoute(app, '/v1/live', 'GET', identified, async (_request, response) => {
    response.set('cache-control', 'no-store').json(await read());
  });
}

/** @throws FloraAsrError `starting`, `draining`, `engine_closed` */
async function readLive(service: Service): Promise<LiveBody> {
  const { engine, rows } = service.recogniser();
  const view = await engine.view();
  const { provider, computeType, threads } = engine.runtime;
  return {
    model: { name: engine.base.name, provider, compute_type: computeType.precision, threads },
    rows: {
      queued: rows.waiting,
      in_flight: view.rows.length,
      most: service.configuration.maxRows,
      waiting: view.waitingRows,
      of: counted(view.rows),
    },
    pools: view.pools.map(({ context, rows: taken, places }) => ({ context, rows: taken, places })),
    encoder_runs: view.encoded.map(({ number, rows: batch }) => ({ number, rows: [...batch] })),
    totals: totalsOf(view.stats),
  };
}

/** By language and adapter, those with most rows first. */
function counted(labels: readonly RowLabel[]): LiveBody['rows']['of'] {
  const groups = new Map<string, { language: string; adapter: string | null; rows: number }>();
  for (const { language, adapter } of labels) {
    const key = `${language} ${adapter}`;
    const group = groups.get(key) ?? { language, adapter, rows: 0 };
    group.rows += 1;
    groups.set(key, group);
  }
  return [...groups.values()].sort((left, right) => right.rows - left.rows);
}

function totalsOf(stats: EngineStats): LiveBody['totals'] {
  const { idle } = stats.milliseconds;
  return {
    finished_rows: stats.finishedRows,
    failed_rows: stats.failedRows,
    cancelled_rows: stats.cancelledRows,
    encoder_runs: stats.encodeBatches,
    encoder_rows: stats.encodedRows,
    encoder_mixed_runs: stats.mixedBatches,
    positions_asked: stats.positions,
    positions_computed: stats.paddedPositions,
    decoder_steps: stats.decodeSteps,
    decoder_tokens: stats.decodedTokens,
    decoder_mixed_steps: stats.mixedSteps,
    busy_ms: Math.max(0, stats.upMilliseconds - idle),
    idle_ms: idle,
  };
}
