import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FUZZ_UPLOAD_LIMIT_BYTES } from './cases/forms.ts';
import { FUZZ_FRAME_LIMIT_BYTES } from './cases/frames.ts';
import { FUZZ_FILE_LIMIT_SECONDS } from './cases/recordings.ts';
import { FUZZ_STREAM_LIMIT_SECONDS } from './cases/streams.ts';
import { chooseCase } from './choose-case.ts';
import { exchange } from './exchange.ts';
import type { FuzzMaterial } from './fuzz-case.ts';
import { type Aftermath, type CaseOutcome, type FuzzReport, fuzzReport } from './fuzz-report.ts';
import { type HealthyTask, healthyTexts, repeatHealthy } from './healthy-client.ts';
import { fuzzMaterial, type SpokenMaterial } from './material.ts';
import { type LogLine, ONE_CONNECTION, type ProcessResources, ServiceProcess } from './service-process.ts';
import { judge } from './verdict.ts';

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** connections at once */
  readonly concurrency: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Limits low enough to be met, and rates high enough not to be. */
const SETTINGS = {
  RATE_PER_MINUTE: '1000000',
  MAX_REQUESTS: '1000',
  MAX_REQUESTS_PER_KEY: '1000',
  MAX_STREAMS: '1000',
  MAX_STREAMS_PER_KEY: '1000',
  MAX_UPLOAD_BYTES: `${FUZZ_UPLOAD_LIMIT_BYTES}`,
  MAX_FILE_SECONDS: `${FUZZ_FILE_LIMIT_SECONDS}`,
  MAX_FRAME_BYTES: `${FUZZ_FRAME_LIMIT_BYTES}`,
  MAX_STREAM_SECONDS: `${FUZZ_STREAM_LIMIT_SECONDS}`,
  STREAM_BUFFER_SECONDS: '5',
  UPLOAD_TIMEOUT_SECONDS: '10',
  START_TIMEOUT_SECONDS: '5',
  RESUME_WINDOW_SECONDS: '1',
  // a client by hand does not answer pings, but may have to wait long for its words
  PING_SECONDS: '300',
};

/** For an answer, on a machine whose cores all decode. */
const PATIENCE_MS = 120_000;
/** For what is left to end: time-outs of half requests above all. */
const SETTLING_MS = 60_000;
/** Cases that are run before memory is looked at first: what is allocated once is allocated then. */
const MOST_WARM_UP_CASES = 400;
const WARM_UP_INDEX = 1_000_000;

/** Throws malformed cases at a service of its own, while healthy clients go on beside. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const spoken = await fuzzMaterial(options.env);
  const temporary = await mkdtemp(join(tmpdir(), 'flora-asr-fuzzed-'));
  const settings = { ...SETTINGS, TMPDIR: temporary };
  const service = await ServiceProcess.start({ settings, env: options.env, signal: options.signal });
  try {
    return await fuzzService(options, { service, spoken, temporary });
  } finally {
    if (service.running) await service.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Fuzzed {
  readonly service: ServiceProcess;
  readonly spoken: SpokenMaterial;
  /** the service's folder for temporary files */
  readonly temporary: string;
}

async function fuzzService(options: FuzzOptions, fuzzed: Fuzzed): Promise<FuzzReport> {
  const { service, spoken } = fuzzed;
  const task = healthyTask(service, spoken);
  const expected = await healthyTexts(task);
  const warmUp = Math.min(MOST_WARM_UP_CASES, options.cases);
  const warmUpOutcomes = await runCases({ ...options, cases: warmUp, onProgress: () => undefined }, fuzzed, WARM_UP_INDEX);
  await settled(service);
  const before = service.resources();

  const started = performance.now();
  const done = new AbortController();
  const beside = repeatHealthy(task, expected, done.signal);
  const outcomes = await runCases(options, fuzzed, 0);
  const seconds = (performance.now() - started) / 1000;
  done.abort();
  const healthy = await beside;
  const aftermath = await aftermathOf(fuzzed, before);
  const warmUpFailures = warmUpOutcomes.filter(({ problem }) => problem !== null);
  return fuzzReport({ outcomes: [...outcomes, ...warmUpFailures], healthy, aftermath, seconds });
}

function healthyTask({ url }: ServiceProcess, { recordings, samples, language }: SpokenMaterial): HealthyTask {
  const upload = recordings.find((recording) => recording.format === 'ogg' && recording.language === language);
  if (upload === undefined) throw new RangeError(`There is no recording in ${language}.`);
  return { url, samples, language, upload };
}

/** Cases `from`, `from + 1`, …, so many at once; none is begun after an abort or a crash. */
async function runCases(options: FuzzOptions, fuzzed: Fuzzed, from: number): Promise<readonly CaseOutcome[]> {
  const { cases, concurrency, signal, onProgress } = options;
  const material = materialFor(fuzzed);
  const outcomes: CaseOutcome[] = [];
  let next = from;
  const runInTurn = async (): Promise<void> => {
    while (next < from + cases && !signal.aborted && fuzzed.service.running) {
      const index = next++;
      outcomes.push(await runCase(options.seed, index, { material, port: fuzzed.service.port }));
      onProgress(outcomes.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runInTurn));
  signal.throwIfAborted();
  return outcomes;
}

function materialFor({ service, spoken: { recordings, samples } }: Fuzzed): FuzzMaterial {
  return { host: `127.0.0.1:${service.port}`, recordings, samples };
}

async function runCase(seed: number, index: number, target: { material: FuzzMaterial; port: number }): Promise<CaseOutcome> {
  const chosen = chooseCase(seed, index, target.material);
  const took = await exchange(chosen, { port: target.port, patienceMs: PATIENCE_MS });
  const verdict = judge(chosen, took);
  const received = verdict.problem === null ? null : took.received.subarray(-KEPT_BYTES).toString('latin1');
  return { class: chosen.class, index, what: chosen.what, ...verdict, received };
}

/** Of what a failed case received: enough to see what went wrong. */
const KEPT_BYTES = 2_000;

async function aftermathOf({ service, temporary }: Fuzzed, before: ProcessResources): Promise<Aftermath> {
  if (!service.running) return { ...AFTER_A_CRASH, before, logErrors: errorsOf(service), exit: await service.exited };
  const { openStreams, rowsInFlight } = await settled(service, before.openFiles);
  const after = service.resources();
  const { ok } = await fetch(`${service.url}/health/ready`, ONE_CONNECTION);
  const filesLeft = (await Promise.all([temporary, '/dev/shm'].map(ourFiles))).flat();
  const exit = await service.stop();
  return { ready: ok, openStreams, rowsInFlight, before, after, filesLeft, logErrors: errorsOf(service), exit };
}

const AFTER_A_CRASH = {
  ready: false,
  openStreams: 0,
  rowsInFlight: 0,
  after: { residentBytes: 0, openFiles: 0, openFilesByKind: {}, childProcesses: 0 },
  filesLeft: [],
} as const;

async function ourFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('flora-asr-')).map((name) => join(folder, name));
}

/** Waits until nothing goes on any more, as long as that may take. */
async function settled(service: ServiceProcess, openFiles = Number.POSITIVE_INFINITY) {
  const deadline = performance.now() + SETTLING_MS;
  for (;;) {
    const [openStreams = 0, rowsInFlight = 0] = await service.metrics('flora_asr_streams_open', 'flora_asr_rows_in_flight');
    const busy = openStreams > 0 || rowsInFlight > 0 || service.resources().openFiles > openFiles;
    if (!busy || performance.now() > deadline) return { openStreams, rowsInFlight };
    await sleep(250);
  }
}

const ERROR_LEVEL = 50;

function errorsOf({ warnings, stderr }: ServiceProcess): readonly string[] {
  const logged = warnings.filter(({ level }) => level >= ERROR_LEVEL).map(describeLine);
  return /\b(?:Error|Warning)\b/.test(stderr) ? [...logged, stderr.slice(-2_000)] : logged;
}

function describeLine(line: LogLine): string {
  const { err } = line as { err?: { type?: string; message?: string; stack?: string } };
  return `${line.msg}${err === undefined ? '' : `: ${err.type}: ${err.message} ${err.stack?.split('\n')[1]?.trim()}`}`;
}
