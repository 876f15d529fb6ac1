import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { boundedLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';

/** Seconds: health checks answer in milliseconds, hours of audio take minutes. */
const REQUEST_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** Both come from our own code; this holds if it should ever pass on what a client sent. */
const MOST_ROUTES = 64;
const MOST_REASONS = 32;

type StreamTraffic = Pick<Metrics, 'streamOpened' | 'streamMerged' | 'streamsDetached' | 'streamClosed' | 'partial'>;
type Traffic = Pick<Metrics, 'refused' | 'requestStarted' | 'requestEnded'> & StreamTraffic;

/** What comes through the doors, and what does not. */
export function trafficInstruments(registry: Registry): Traffic {
  return { ...refusalInstruments(registry), ...requestInstruments(registry), ...streamInstruments(registry) };
}

function refusalInstruments(registry: Registry): Pick<Traffic, 'refused'> {
  const refusals = new Counter({
    name: 'flora_asr_refusals_total',
    help: 'requests, streams and utterances that were refused or failed',
    labelNames: ['protocol', 'code'],
    registers: [registry],
  });
  return { refused: (protocol, code) => refusals.inc({ protocol, code }) };
}

function requestInstruments(registry: Registry): Pick<Traffic, 'requestStarted' | 'requestEnded'> {
  const registers = [registry];
  const inFlight = new Gauge({
    name: 'flora_asr_requests_in_flight',
    help: 'HTTP requests that are being answered',
    registers,
  });
  const durations = new Histogram({
    name: 'flora_asr_request_duration_seconds',
    help: 'from the head of an HTTP request to the end of its answer; 499: the client has gone',
    labelNames: ['route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const boundedRoute = boundedLabel(MOST_ROUTES);
  return {
    requestStarted: () => inFlight.inc(),
    requestEnded({ route, status, durationMs }) {
      inFlight.dec();
      durations.observe({ route: boundedRoute(route), status: `${status}` }, durationMs / 1000);
    },
  };
}

function streamInstruments(registry: Registry): StreamTraffic {
  const registers = [registry];
  const open = new Gauge({ name: 'flora_asr_streams_open', help: 'streams that are open', registers });
  const detached = new Gauge({
    name: 'flora_asr_streams_detached',
    help: 'of these, those whose connection was lost, and that may be resumed',
    registers,
  });
  const resumed = new Counter({
    name: 'flora_asr_streams_resumed_total',
    help: 'connections that went on with a stream',
    registers,
  });
  const closed = new Counter({
    name: 'flora_asr_streams_closed_total',
    help: 'streams that have ended',
    labelNames: ['protocol', 'reason'],
    registers,
  });
  const audio = new Counter({
    name: 'flora_asr_stream_audio_seconds_total',
    help: 'audio that streams have received, silence included; counted when they end',
    labelNames: ['protocol'],
    registers,
  });
  const partials = new Counter({
    name: 'flora_asr_partials_total',
    help: 'words that were told before their utterance had ended (told), or left out for a client that reads slowly (shed)',
    labelNames: ['protocol', 'outcome'],
    registers,
  });
  const boundedReason = boundedLabel(MOST_REASONS);
  return {
    streamOpened: () => open.inc(),
    streamMerged() {
      open.dec();
      resumed.inc();
    },
    streamsDetached: (count) => detached.set(count),
    partial: ({ protocol, told }) => partials.inc({ protocol, outcome: told ? 'told' : 'shed' }),
    streamClosed({ protocol, reason, audioMs }) {
      open.dec();
      closed.inc({ protocol, reason: boundedReason(reason) });
      audio.inc({ protocol }, audioMs / 1000);
    },
  };
}
