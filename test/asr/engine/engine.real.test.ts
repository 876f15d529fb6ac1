import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../asr/engine/engine.ts';
import type { EngineEvent, EngineOptions } from '../../../asr/engine/engine-options.ts';
import type { RecognitionRequest, RecognitionResult } from '../../../asr/engine/recognition.ts';
import type { WorkerReport } from '../../../asr/engine/worker-protocol.ts';
import { codeOf } from '../../adapters/sample-adapters.ts';
import { type MortalWorker, startDeadWorker, startMortalWorker } from '../../support/mortal-worker.ts';
import {
  type AdapterMaker,
  cutSpeech,
  heard,
  PLAIN_DECODING,
  realAdapters,
  realCheckpoint,
  speechFixtures,
  startRealEngine,
} from '../../support/real-engine.ts';

let adapter: AdapterMaker;
let requests: readonly RecognitionRequest[];
let options: Partial<EngineOptions>;
beforeAll(async () => {
  adapter = await realAdapters();
  const pieces = cutSpeech(await speechFixtures(), { count: 8, seed: 3 });
  // at most a second each, and two adapters between them
  requests = pieces.map(({ language, samples }, index) => ({
    language,
    samples: samples.slice(0, 16_000),
    adapter: index % 2 === 0 ? 'even' : 'odd',
    decoding: PLAIN_DECODING,
  }));
  const adapters = [adapter({ name: 'even', seed: 1, scale: 0.3 }), adapter({ name: 'odd', seed: 2 })];
  // they serve any language; a row names its own
  options = { adapters, languageDefaults: { '*': 'even' } };
});

/** What became of a request: its result, or its error's code. */
async function outcome(result: Promise<RecognitionResult>): Promise<ReturnType<typeof heard> | string> {
  return result.then(heard, codeFrom);
}

function codeFrom(error: unknown): string {
  return String((error as { code?: unknown }).code ?? error);
}

async function outcomes(engine: Engine): Promise<readonly unknown[]> {
  return Promise.all(requests.map((request) => outcome(engine.recognise(request))));
}

function request(changes: Partial<RecognitionRequest> = {}): RecognitionRequest {
  return { ...(requests[0] as RecognitionRequest), ...changes };
}

describe('an engine', () => {
  let engine: Engine;
  let expected: readonly unknown[];
  beforeAll(async () => {
    engine = await startRealEngine({ ...options, maxRows: 12, reservedSlots: 2 });
    expected = await outcomes(engine);
  });
  afterAll(async () => engine.close());

  it('cancels a row by its signal, before, while it waits, or while it decodes, and leaves the others untouched', async () => {
    const before = engine.recognise(request({ signal: AbortSignal.abort() }));
    const waiting = new AbortController();
    const waits = engine.recognise(request({ signal: waiting.signal }));
    waiting.abort();
    const decoding = new AbortController();
    const longest = { guards: false, retries: false, forcedTokenCount: 200 };
    const decodes = outcome(engine.recognise(request({ signal: decoding.signal, decoding: longest })));
    const others = outcomes(engine).then((results) => {
      decoding.abort();
      return results;
    });
    expect([await outcome(before), await outcome(waits), await decodes]).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await others).toEqual(expected);
    expect(engine.rowsInFlight).toBe(0);
  });

  it('refuses rows beyond its queue at once, and takes new ones when there is room again', async () => {
    const accepted = Array.from({ length: 12 }, (_, index) =>
      outcome(engine.recognise(requests[index % 8] as RecognitionRequest)),
    );
    expect(await outcome(engine.recognise(request()))).toBe('queue_full');
    expect(await Promise.all(accepted)).toEqual([...expected, ...expected.slice(0, 4)]);
    expect(await outcome(engine.recognise(request()))).toEqual(expected[0]);
  });

  it('gives a stream its results in the order of its requests, whichever is ready first', async () => {
    const settled: string[] = [];
    const send = async (name: string, changes: Partial<RecognitionRequest>) => {
      await outcome(engine.recognise(request({ streamId: name.slice(0, 1), ...changes })));
      settled.push(name);
    };
    const slow = { decoding: { guards: false, retries: false, forcedTokenCount: 100 } };
    const fast = { decoding: { guards: false, retries: false, forcedTokenCount: 1 } };
    await Promise.all([send('a1', slow), send('a2', fast), send('b1', fast), send('a3', fast)]);
    expect(settled.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(settled[0]).toBe('b1');
  });

  it('refuses what it cannot recognise with the right code, while the others go on', async () => {
    const others = outcomes(engine);
    const notFinite = new Float32Array(16_000);
    notFinite[700] = Number.NaN;
    const refused = [
      { samples: notFinite },
      { samples: new Float32Array(0) },
      { samples: new Float32Array(480_001) },
      { language: 'tlh' },
      { language: 'not a tag' },
      { adapter: 'nobody' },
    ];
    const codes = await Promise.all(refused.map((changes) => outcome(engine.recognise(request(changes)))));
    const [nan, empty, long, unknown, malformed, nobody] = codes;
    expect([nan, empty, long]).toEqual(['audio_not_finite', 'audio_empty', 'audio_too_long']);
    expect([unknown, malformed, nobody]).toEqual(['language_unknown', 'language_unknown', 'adapter_not_found']);
    expect(await others).toEqual(expected);
    expect(engine.rowsInFlight).toBe(0);
  });

  it('gives rows in flight the same while adapters are loaded into other slots, used and unloaded', async () => {
    const others = outcomes(engine);
    for (let version = 1; version <= 4; version += 1) {
      const loaded = adapter({ name: 'hot', version: `${version}.0.0`, seed: 50 + version, scale: 0.3 });
      engine.loadAdapter(loaded);
      expect(codeOf(() => engine.loadAdapter(loaded))).toBe('adapter_exists');
      expect(await engine.recognise(request({ adapter: 'hot' }))).toMatchObject({ adapter: { digest: loaded.digest } });
      engine.unloadAdapter(loaded.id);
    }
    expect(await others).toEqual(expected);
  });

  it('counts what it did', async () => {
    const before = await engine.stats();
    await outcomes(engine);
    const after = await engine.stats();
    expect(after.finishedRows - before.finishedRows).toBe(requests.length);
    expect(after.encodedRows - before.encodedRows).toBe(requests.length);
    expect(after.failedRows).toBe(0);
  });
});

describe('an engine of one thread', () => {
  it('takes turns between encoder and decoder, and gives the same as one of several', async () => {
    const [beside, inTurns] = [
      await startRealEngine({ ...options, threads: 2 }),
      await startRealEngine({ ...options, threads: 1 }),
    ];
    try {
      expect(await outcomes(inTurns)).toEqual(await outcomes(beside));
      expect(inTurns.runtime.threads).toBe(1);
    } finally {
      await beside.close();
      await inTurns.close();
    }
  });
});

describe('an engine whose worker is lost', () => {
  it('starts another, gives it all rows and adapters again, and gets the same results', async () => {
    const workers: MortalWorker[] = [];
    const events: EngineEvent[] = [];
    const engine = await startRealEngine({
      ...options,
      reservedSlots: 1,
      onEvent: (event) => events.push(event),
      startWorker: () => {
        const mortal = startMortalWorker();
        workers.push(mortal);
        return mortal.worker;
      },
    });
    try {
      // loaded later, so that its successor has to be told of it
      engine.loadAdapter(adapter({ name: 'late', seed: 4, scale: 0.3 }));
      const late = request({ adapter: 'late' });
      const expected = [...(await outcomes(engine)), await outcome(engine.recognise(late))];
      const [first] = workers;
      // some rows are done by then, and some are not
      first?.worker.on('message', (report: WorkerReport) => report.kind === 'result' && first.kill());
      const results = [...requests, late].map((one) => outcome(engine.recognise(one)));
      expect(await Promise.all(results)).toEqual(expected);
      expect(workers).toHaveLength(2);
      const restarts = events.filter((event) => event.kind === 'worker-restarted');
      expect(restarts).toMatchObject([{ cause: { code: 'engine_failed' } }]);
      expect(restarts[0]?.replayedRows).toBeGreaterThan(0);
    } finally {
      await engine.close();
    }
  });

  it('fails its rows, and all further ones, when every worker is lost', async () => {
    const mortal = startMortalWorker();
    const workers = [mortal.worker];
    const events: EngineEvent[] = [];
    const engine = await startRealEngine({
      ...options,
      onEvent: (event) => events.push(event),
      startWorker: () => workers.pop() ?? startDeadWorker(),
    });
    try {
      const inFlight = outcomes(engine);
      mortal.kill();
      expect(await inFlight).toEqual(requests.map(() => 'engine_failed'));
      expect(await outcome(engine.recognise(request()))).toBe('engine_failed');
      await expect(engine.stats()).rejects.toMatchObject({ code: 'engine_failed' });
      expect(events.at(-1)).toMatchObject({ kind: 'given-up', cause: { code: 'engine_failed' } });
    } finally {
      await engine.close();
    }
  });

  it('does not start when no worker lives long enough to open the model', async () => {
    const starting = startRealEngine({ startWorker: startDeadWorker });
    await expect(starting).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('does not start on a checkpoint that was changed', async () => {
    const checkpoint = { ...(await realCheckpoint()), digest: `sha256:${'00'.repeat(32)}` };
    await expect(startRealEngine({ checkpoint })).rejects.toMatchObject({ code: 'weights_corrupt' });
  });
});

describe('an engine that is closed', () => {
  it('fails rows in flight and all further ones with engine_closed, and may be closed twice', async () => {
    const engine = await startRealEngine(options);
    const inFlight = outcomes(engine);
    const stats = engine.stats().then(() => 'stats', codeFrom);
    await engine.close();
    expect(await inFlight).toEqual(requests.map(() => 'engine_closed'));
    expect(await stats).toBe('engine_closed');
    expect(await outcome(engine.recognise(request()))).toBe('engine_closed');
    await engine.close();
  });
});
