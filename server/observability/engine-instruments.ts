import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineStats, StageMilliseconds } from '../../asr/engine/engine-stats.ts';
import type { EngineReadings } from './metrics.ts';

export interface EngineInstruments {
  /** Takes over what the engine says of itself; null while there is none, which leaves the totals as they were. */
  readonly show: (readings: EngineReadings | null) => void;
}

/** What the engine counts for itself. A restart makes its totals fall, which Prometheus takes for the reset that it is. */
export function engineInstruments(registry: Registry): EngineInstruments {
  const gauges = engineGauges(registry);
  const showModel = modelInfo(registry);
  const totals = engineTotals(registry);
  return {
    show: (readings) => {
      gauges.up.set(readings === null ? 0 : 1);
      gauges.waiting.set(readings?.rowsWaiting ?? 0);
      gauges.inFlight.set(readings?.rowsInFlight ?? 0);
      if (readings === null) return;
      showModel(readings.model);
      for (const total of totals) total(readings.stats);
    },
  };
}

function engineGauges(registry: Registry) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  return {
    up: gauge('flora_asr_engine_up', '1 while the engine runs, 0 before and after'),
    waiting: gauge('flora_asr_rows_waiting', 'utterances that wait for room in the engine'),
    inFlight: gauge('flora_asr_rows_in_flight', 'utterances in the engine, waiting for a batch or decoding'),
  };
}

function modelInfo(registry: Registry): (model: EngineReadings['model']) => void {
  const info = new Gauge({
    name: 'flora_asr_model_info',
    help: 'always 1; which model runs, and how, is in its labels',
    labelNames: ['model', 'provider', 'compute_type', 'threads'],
    registers: [registry],
  });
  return (model) => {
    info.reset();
    if (model === undefined) return;
    const { provider, computeType, threads } = model.runtime;
    info.set({ model: model.name, provider, compute_type: computeType.precision, threads: `${threads}` }, 1);
  };
}

type Total = (stats: EngineStats) => void;

function engineTotals(registry: Registry): readonly Total[] {
  const total = (name: string, help: string, read: (stats: EngineStats) => number): Total => {
    const counter = new Counter({ name, help, registers: [registry] });
    return (stats) => {
      counter.reset();
      counter.inc(read(stats));
    };
  };
  const byLabel = (name: string, help: string, label: string, read: (stats: EngineStats) => Numbers): Total => {
    const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
    return (stats) => {
      counter.reset();
      for (const [value, count] of Object.entries(read(stats))) counter.inc({ [label]: value }, count);
    };
  };
  return [
    byLabel(
      'flora_asr_rows_total',
      'utterances that have left the engine; cancelled: no one wants their words any more',
      'outcome',
      outcomes,
    ),
    total('flora_asr_row_retries_total', 'further attempts, with more context, after a guard tripped', (s) => s.retries),
    byLabel('flora_asr_guard_trips_total', 'transcripts that a guard did not believe', 'guard', (s) => s.trips),
    total('flora_asr_encoder_batches_total', 'runs of the encoder', (s) => s.encodeBatches),
    total('flora_asr_encoder_mixed_batches_total', 'runs of the encoder with more than one adapter', (s) => s.mixedBatches),
    total('flora_asr_encoder_rows_total', 'utterances in all runs of the encoder', (s) => s.encodedRows),
    total('flora_asr_encoder_positions_asked_total', 'encoder positions (20 ms) that utterances have', (s) => s.positions),
    total(
      'flora_asr_encoder_positions_computed_total',
      'encoder positions (20 ms) that were computed, padding included',
      (s) => s.paddedPositions,
    ),
    total('flora_asr_decoder_steps_total', 'runs of the decoder, each a token for each of its rows', (s) => s.decodeSteps),
    total('flora_asr_decoder_mixed_steps_total', 'runs of the decoder with more than one adapter', (s) => s.mixedSteps),
    total('flora_asr_decoder_tokens_total', 'tokens of all rows in all runs of the decoder', (s) => s.decodedTokens),
    byLabel(
      'flora_asr_stage_seconds_total',
      'where the time of the engine’s threads went; idle: nobody had anything to do',
      'stage',
      stageSeconds,
    ),
  ];
}

type Numbers = Readonly<Record<string, number>>;

function outcomes({ finishedRows, failedRows, cancelledRows }: EngineStats): Numbers {
  return { finished: finishedRows, failed: failedRows, cancelled: cancelledRows };
}

function stageSeconds({ milliseconds }: EngineStats): Record<keyof StageMilliseconds, number> {
  const { features, encode, join, decode, append, script, idle } = milliseconds;
  return {
    features: features / 1000,
    encode: encode / 1000,
    join: join / 1000,
    decode: decode / 1000,
    append: append / 1000,
    script: script / 1000,
    idle: idle / 1000,
  };
}
