import { describe, expect, it } from 'vitest';
import { type EngineStats, zeroCounters } from '../../../asr/engine/engine-stats.ts';
import type { EngineView } from '../../../asr/engine/engine-view.ts';
import { type LiveBody, liveSchema } from '../../../server/protocol/rest-messages.ts';
import type { ServedEngine } from '../../../server/recogniser.ts';
import { httpServers } from '../../support/serve-http.ts';
import { testEngine } from '../../support/test-engine.ts';
import { createTestService } from '../../support/test-service.ts';

const serve = httpServers();
const GREEK = { language: 'el', adapter: 'greek-stamps@1.0.0' };
const SPANISH = { language: 'es', adapter: null };

/** An engine of the tests that shows a batch, and counts who looks at it. */
function lookedAt({ stats = {}, open = Promise.resolve() }: { stats?: Partial<EngineStats>; open?: Promise<void> } = {}) {
  let looks = 0;
  const view = async (): Promise<EngineView> => {
    looks += 1;
    await open;
    return {
      stats: { ...zeroCounters(), ...stats },
      rows: [SPANISH, GREEK, GREEK],
      waitingRows: 1,
      pools: [{ context: 192, rows: 2, places: 16 }],
      encoded: [
        {
          number: 7,
          rows: [
            { ...GREEK, context: 140 },
            { ...SPANISH, context: 90 },
          ],
        },
      ],
    };
  };
  const runtime = { provider: 'cpu', threads: 2, computeType: { precision: 'int8' } } as unknown as ServedEngine['runtime'];
  const { recognise, detectLanguage, describeRoute, tokenBytes, adapters, base, config, rowsInFlight } = testEngine();
  const engine: ServedEngine = {
    recognise,
    detectLanguage,
    describeRoute,
    tokenBytes,
    adapters,
    base,
    config,
    rowsInFlight,
    runtime,
    stats: async () => zeroCounters(),
    view,
  };
  return { engine, looks: () => looks };
}

describe('GET /v1/live', () => {
  it('shows who is in the batch, and what it did last', async () => {
    const milliseconds = { features: 1, encode: 20, join: 2, decode: 30, append: 4, script: 5, idle: 600 };
    const { engine } = lookedAt({
      stats: { encodeBatches: 7, encodedRows: 12, mixedBatches: 3, upMilliseconds: 662, milliseconds },
    });
    const answer = await fetch(new URL('/v1/live', await serve(createTestService({ recogniser: { engine } }))));
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const body: LiveBody = liveSchema.parse(await answer.json());
    expect(body).toMatchObject({
      model: { name: 'whisper-mini', provider: 'cpu', compute_type: 'int8', threads: 2 },
      rows: {
        queued: 0,
        in_flight: 3,
        waiting: 1,
        of: [
          { ...GREEK, rows: 2 },
          { ...SPANISH, rows: 1 },
        ],
      },
      pools: [{ context: 192, rows: 2, places: 16 }],
      encoder_runs: [
        {
          number: 7,
          rows: [
            { ...GREEK, context: 140 },
            { ...SPANISH, context: 90 },
          ],
        },
      ],
      totals: { encoder_runs: 7, encoder_rows: 12, encoder_mixed_runs: 3, busy_ms: 62, idle_ms: 600 },
    });
  });

  it('asks the engine once for all who ask at the same time', async () => {
    let show: () => void = () => undefined;
    const open = new Promise<void>((resolve) => {
      show = resolve;
    });
    const { engine, looks } = lookedAt({ open });
    const service = createTestService({ recogniser: { engine } });
    const url = new URL('/v1/live', await serve(service));
    const answers = Array.from({ length: 8 }, async () => (await fetch(url)).status);
    await expect.poll(() => service.metrics.open.requests).toBe(8);
    show();
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(looks()).toBe(1);
    await (await fetch(url)).text();
    expect(looks()).toBe(2);
  });

  it('wants a key where there are keys', async () => {
    const configuration = { apiKeys: [{ name: 'operator', key: 'k'.repeat(24) }] };
    const answer = await fetch(new URL('/v1/live', await serve(createTestService({ configuration }))));
    expect([answer.status, await answer.json()]).toEqual([401, { error: expect.objectContaining({ code: 'key_missing' }) }]);
  });

  it('waits for the model', async () => {
    const service = createTestService();
    service.become({ kind: 'starting', waitingFor: 'the weights' });
    expect((await fetch(new URL('/v1/live', await serve(service)))).status).toBe(503);
  });
});
