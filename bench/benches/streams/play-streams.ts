import { setTimeout as pause } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import { drawOf } from '../draw.ts';
import type { SpokenRecording } from './match-finals.ts';
import { type PlayedStream, type Playing, playToEnd, RealTimePlayer } from './real-time-player.ts';
import { isSure, type Span } from './recordings.ts';
import { StreamClient } from './stream-client.ts';
import type { StreamOutcome } from './stream-outcome.ts';
import { type PlacedRecording, roomNoise, type StreamScript, scriptFrames } from './stream-script.ts';
import type { StreamsMeasurement, TimedReading } from './streams-report.ts';
import type { StreamsService } from './streams-service.ts';

export interface ScriptedStream {
  readonly language: string;
  readonly script: StreamScript;
}

export interface PlayOptions {
  readonly service: StreamsService;
  readonly silenceMs: number;
  /** probability from which a window is speech */
  readonly threshold: number;
  /** words while they are spoken, and their times */
  readonly captions?: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onReading: (reading: TimedReading) => void;
}

const FRAME_MS = [20, 40, 60, 100] as const;
/** Streams begin within this time, so that their frames and pauses do not fall together. */
const STAGGER_MS = 3_000;
const READING_EVERY_MS = 10_000;
/** after the last frame, without any final, until those that are missing are given up */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

interface OpenStream extends ScriptedStream {
  readonly client: StreamClient;
  readonly played: PlayedStream;
}

/** Plays all streams side by side, and waits for their last finals. @throws FloraAsrError `tool_failed` */
export async function playStreams(streams: readonly ScriptedStream[], options: PlayOptions): Promise<StreamsMeasurement> {
  const { service, signal } = options;
  const clock = () => performance.now();
  const noise = roomNoise(drawOf(options.seed, -1));
  const clients: StreamClient[] = [];
  try {
    const open: OpenStream[] = [];
    for (const [index, stream] of streams.entries()) {
      const client = await openClient(stream, options, clock);
      clients.push(client);
      open.push({ ...stream, client, played: playedStream(stream, { client, noise, index, seed: options.seed }) });
    }
    const readings = await startReadings(service, clock, options.onReading);
    const cpuBefore = process.cpuUsage();
    const player = new RealTimePlayer(
      open.map(({ played }) => played),
      clock,
    );
    await readings.during((playing) => playToEnd(player, clock, playing), signal);
    const { atSeconds: playedSeconds } = await readings.take();
    await allEnded(clients, clock, signal);
    const { user, system } = process.cpuUsage(cpuBefore);
    await readings.take();
    return {
      outcomes: open.map((one, index) => outcomeOf(one, player.streams[index] as Playing)),
      readings: readings.taken,
      playedSeconds,
      audioSeconds: streams.reduce((sum, { script }) => sum + script.totalSamples / SAMPLE_RATE_HZ, 0),
      driver: { lagsMs: player.lagsMs, cpuSeconds: (user + system) / 1e6 },
    };
  } finally {
    for (const client of clients) client.abandon();
  }
}

async function openClient({ language }: ScriptedStream, options: PlayOptions, clock: () => number) {
  const { service, silenceMs, threshold, captions = false } = options;
  return StreamClient.open({
    url: service.url,
    start: {
      type: 'start',
      language,
      encoding: 'pcm_s16le',
      sample_rate: SAMPLE_RATE_HZ,
      endpointing: { silence_ms: silenceMs, threshold },
      partials: captions,
      words: captions,
    },
    clock,
  });
}

interface PlayedOptions {
  readonly client: StreamClient;
  readonly noise: Int16Array;
  readonly index: number;
  readonly seed: number;
}

function playedStream({ script }: ScriptedStream, { client, noise, index, seed }: PlayedOptions): PlayedStream {
  // not those of the scripts
  const draw = drawOf(seed + 1, index);
  const frameSamples = (draw.pick(FRAME_MS) * SAMPLE_RATE_HZ) / 1000;
  return {
    frames: scriptFrames(script, frameSamples, noise),
    frameSamples,
    offsetMs: draw.whole(0, STAGGER_MS),
    send: (frame) => client.send(frame),
    finish: () => client.finish(),
  };
}

/** What the service tells of itself, before, every 10 s, and after. */
async function startReadings(service: StreamsService, clock: () => number, onReading: PlayOptions['onReading']) {
  const beganMs = clock();
  const read = async (): Promise<TimedReading> => {
    const reading = await service.read();
    return { ...reading, atSeconds: (clock() - beganMs) / 1000 };
  };
  const taken: [TimedReading, ...TimedReading[]] = [await read()];
  const take = async () => {
    const reading = await read();
    taken.push(reading);
    onReading(reading);
    return reading;
  };
  const during = async (work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) => {
    const over = new AbortController();
    const working = work(AbortSignal.any([signal, over.signal])).finally(() => over.abort());
    const reading = repeat(take, over.signal).finally(() => over.abort());
    // a service that has ended fails the reading, and then nothing more is played
    const [read, worked] = await Promise.allSettled([reading, working]);
    if (read.status === 'rejected') throw read.reason;
    if (worked.status === 'rejected') throw worked.reason;
  };
  return { taken, take, during };
}

async function repeat(step: () => Promise<unknown>, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    await pause(READING_EVERY_MS, undefined, { signal: done }).catch(() => undefined);
    if (!done.aborted) await step();
  }
}

/** Waits as long as finals come: a service that has fallen behind is slow, but has lost nothing. */
async function allEnded(clients: readonly StreamClient[], clock: () => number, signal: AbortSignal): Promise<void> {
  let open = clients.length;
  for (const { ended } of clients) void ended.then(() => (open -= 1));
  let finals = -1;
  let sinceMs = clock();
  while (open > 0 && clock() - sinceMs < PATIENCE_MS) {
    const now = clients.reduce((sum, { record }) => sum + record.finals.length, 0);
    if (now !== finals) [finals, sinceMs] = [now, clock()];
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

function outcomeOf({ language, script, client, played }: OpenStream, { sentMs }: Playing): StreamOutcome {
  return {
    language,
    spoken: script.placed.map(spokenRecording),
    record: client.record,
    sentMs: (placeMs) => {
      const lastSample = Math.max(0, Math.round((placeMs * SAMPLE_RATE_HZ) / 1000) - 1);
      return sentMs[Math.floor(lastSample / played.frameSamples)] ?? Number.NaN;
    },
  };
}

function spokenRecording({ recording: { utterance, speech }, startSample }: PlacedRecording): SpokenRecording {
  const rangeOf = (span: Span) => ({
    startMs: (1000 * (startSample + span.startSample)) / SAMPLE_RATE_HZ,
    endMs: (1000 * (startSample + span.endSample)) / SAMPLE_RATE_HZ,
  });
  return { id: utterance.id, sure: speech.filter(isSure).map(rangeOf), speech: speech.map(rangeOf) };
}
