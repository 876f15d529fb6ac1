import { type DestinationStream, type Logger, pino } from 'pino';
import { RowGate } from '../../asr/engine/row-gate.ts';
import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import { createAccess } from '../../server/access/create-access.ts';
import { loadConfiguration } from '../../server/configuration/load-configuration.ts';
import type { ServerConfiguration } from '../../server/configuration/settings.ts';
import type { ClosedStream, Metrics, ProtocolName, RecognisedUtterance } from '../../server/observability/metrics.ts';
import type { Recogniser } from '../../server/recogniser.ts';
import type { Service, ServiceState } from '../../server/service.ts';
import { levelDetector } from './level-detector.ts';
import { type TestEngine, type TestEngineOptions, testEngine } from './test-engine.ts';

export interface TestServiceOptions extends TestEngineOptions {
  /** what differs from the defaults */
  readonly configuration?: Partial<ServerConfiguration>;
  /** the parts of a real one, instead of those of the tests */
  readonly recogniser?: Partial<Recogniser>;
  /** monotonic milliseconds; left out, a clock that stands still */
  readonly clock?: () => number;
}

/** A service of real parts, but for the model, whose words the test chooses, and the voice detector, which hears loudness. */
export interface TestService extends Service {
  readonly metrics: CountedMetrics;
  readonly engine: TestEngine;
  /** what was logged, parsed */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  /** `ready` until this says otherwise */
  become(state: Exclude<ServiceState, { kind: 'ready' }>): void;
}

export function createTestService(options: TestServiceOptions = {}): TestService {
  const configuration = { ...loadConfiguration({ env: {} }), ...options.configuration };
  const engine = testEngine(options);
  const recogniser: Recogniser = {
    engine,
    voice: levelDetector(),
    rows: new RowGate(configuration.maxRows),
    beamSizes: { live: configuration.streamBeamSize, file: configuration.beamSize },
    clock: options.clock ?? (() => 0),
    ...options.recogniser,
  };
  const logged: Readonly<Record<string, unknown>>[] = [];
  let state: ServiceState = { kind: 'ready', recogniser };
  return {
    configuration,
    engine,
    logged,
    access: createAccess(configuration),
    metrics: countedMetrics(),
    log: keptLog(logged),
    state: () => state,
    become(next) {
      state = next;
    },
    recogniser: () => recogniserOf(state),
  };
}

function recogniserOf(state: ServiceState): Recogniser {
  if (state.kind === 'ready') return state.recogniser;
  const code: ErrorCode = state.kind === 'failed' ? 'engine_closed' : state.kind;
  throw new FloraAsrError(code, `The service is ${state.kind}.`);
}

/** What was told, in its order. */
export interface CountedMetrics extends Metrics {
  readonly utterances: readonly RecognisedUtterance[];
  readonly refusals: readonly { readonly protocol: ProtocolName; readonly code: ErrorCode }[];
  readonly requests: readonly { readonly route: string; readonly status: number; readonly durationMs: number }[];
  readonly closedStreams: readonly ClosedStream[];
  readonly partials: readonly { readonly protocol: ProtocolName; readonly told: boolean }[];
  readonly open: { readonly requests: number; readonly streams: number; readonly detached: number; readonly resumed: number };
}

function countedMetrics(): CountedMetrics {
  const utterances: RecognisedUtterance[] = [];
  const refusals: { protocol: ProtocolName; code: ErrorCode }[] = [];
  const requests: { route: string; status: number; durationMs: number }[] = [];
  const closedStreams: ClosedStream[] = [];
  const partials: { protocol: ProtocolName; told: boolean }[] = [];
  const open = { requests: 0, streams: 0, detached: 0, resumed: 0 };
  return {
    utterances,
    refusals,
    requests,
    closedStreams,
    partials,
    open,
    recognised: (what) => utterances.push(what),
    refused: (protocol, code) => refusals.push({ protocol, code }),
    requestStarted: () => {
      open.requests += 1;
    },
    requestEnded: (what) => {
      open.requests -= 1;
      requests.push(what);
    },
    streamOpened: () => {
      open.streams += 1;
    },
    streamMerged: () => {
      open.streams -= 1;
      open.resumed += 1;
    },
    streamsDetached: (count) => {
      open.detached = count;
    },
    partial: (what) => partials.push(what),
    streamClosed: (what) => {
      open.streams -= 1;
      closedStreams.push(what);
    },
    watch: () => undefined,
    exposition: async () => ({ contentType: 'text/plain; version=0.0.4', body: `requests ${requests.length}\n` }),
  };
}

function keptLog(logged: Readonly<Record<string, unknown>>[]): Logger {
  const destination: DestinationStream = { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) };
  return pino({ level: 'debug' }, destination);
}
