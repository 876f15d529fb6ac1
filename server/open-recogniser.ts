import type { Logger } from 'pino';
import type { Engine } from '../asr/engine/engine.ts';
import type { EngineEvent } from '../asr/engine/engine-options.ts';
import { RowGate } from '../asr/engine/row-gate.ts';
import { startSileroDetector } from '../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../asr/voice-activity/voice-detector.ts';
import type { WeightEvent } from '../asr/weights/weight-events.ts';
import type { FloraAsrError } from '../kernels/errors.ts';
import type { ServerConfiguration } from './configuration/settings.ts';
import { type OpenEngineOptions, openEngine } from './open-engine.ts';
import type { Recogniser } from './recogniser.ts';

export interface OpenRecogniserOptions extends Pick<OpenEngineOptions, 'env' | 'onWeights' | 'onEngine'> {
  readonly configuration: ServerConfiguration;
  readonly log: Logger;
  /** what it waits for now, for people */
  readonly onWaiting: (what: string) => void;
  /** It recognises nothing any more. */
  readonly onLost: (cause: FloraAsrError) => void;
}

export interface OpeningRecogniser {
  /** @throws FloraAsrError as `openEngine` and `startSileroDetector` */
  readonly opened: Promise<Recogniser>;
  /** No more is downloaded. */
  abort(): void;
  /** Waits until it has opened, or failed, and closes what there is. */
  close(): Promise<void>;
}

/** Opens model and voice detector, side by side. */
export function openRecogniser(options: OpenRecogniserOptions): OpeningRecogniser {
  const aborting = new AbortController();
  const parts: { close(): Promise<void> }[] = [];
  const opening = openParts(options, aborting.signal, parts);
  opening.catch(() => undefined); // `opened` tells it
  return {
    opened: opening,
    abort: () => aborting.abort(),
    async close() {
      await opening.catch(() => undefined);
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

async function openParts(
  options: OpenRecogniserOptions,
  signal: AbortSignal,
  parts: { close(): Promise<void> }[],
): Promise<Recogniser> {
  const { configuration } = options;
  const opened = await Promise.allSettled([
    startSileroDetector().then((voice) => keep(voice, parts)),
    openServedEngine(options, signal).then((engine) => keep(engine, parts)),
  ]);
  const [voice, engine] = opened.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }) as [VoiceDetector, Engine];
  const { maxRows, streamBeamSize, beamSize } = configuration;
  const beamSizes = { live: streamBeamSize, file: beamSize };
  return { voice, engine, rows: new RowGate(maxRows), beamSizes, clock: () => performance.now() };
}

function keep<Part extends { close(): Promise<void> }>(part: Part, parts: { close(): Promise<void> }[]): Part {
  parts.push(part);
  return part;
}

async function openServedEngine(options: OpenRecogniserOptions, signal: AbortSignal): Promise<Engine> {
  const { configuration, env, log, onWaiting, onLost } = options;
  const { model, adapters, provider, computeType, threads, languageDefaults, maxRows } = configuration;
  return openEngine({
    model,
    adapterFolders: adapters,
    provider,
    computeType,
    threads,
    languageDefaults,
    maxRows,
    env,
    signal,
    onWeights: (event) => {
      onWaiting(weightsSentence(event));
      options.onWeights(event);
    },
    onEngine: (event) => {
      if (event.kind === 'compiling') onWaiting(compilingSentence(event));
      if (event.kind === 'worker-restarted')
        log.error({ err: event.cause, replayedRows: event.replayedRows }, 'worker restarted');
      if (event.kind === 'given-up') onLost(event.cause);
      options.onEngine(event);
    },
  });
}

function weightsSentence(event: WeightEvent): string {
  if (event.kind === 'progress') return `the weights: ${percent(event.bytes, event.totalBytes)} of ${event.file} downloaded`;
  if (event.kind === 'verifying') return `the weights: verifying ${event.file}`;
  return 'the weights';
}

function compilingSentence({ graph, writtenBytes, totalBytes }: Extract<EngineEvent, { kind: 'compiling' }>): string {
  return `the graphs: ${percent(writtenBytes, totalBytes)} of ${graph} compiled`;
}

function percent(done: number, total: number): string {
  return `${Math.floor((100 * done) / total)} %`;
}
