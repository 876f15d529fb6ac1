import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { lastLines } from '../../../asr/process/run-program.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { tally } from './tally.ts';

export interface ServiceProcessOptions {
  /** what the service is set to, above `env` */
  readonly settings: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of the service's log. */
export interface LogLine {
  /** as pino counts them: 30 info, 40 warn, 50 error */
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** What a process holds. */
export interface ProcessResources {
  readonly residentBytes: number;
  readonly openFiles: number;
  /** the same by what they are: `socket`, `pipe`, `anon_inode`, or a path */
  readonly openFilesByKind: Readonly<Record<string, number>>;
  readonly childProcesses: number;
}

/** A connection that is kept open would be one of the files that are counted. */
export const ONE_CONNECTION = { headers: { connection: 'close' } } as const;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const KEPT_LINES = 500;
const KEPT_STDERR_CHARACTERS = 16 * 1024;
const WARN = 40;

/** `npm start` as a process of its own, on a free port of this machine. */
export class ServiceProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<ProcessExit>;
  /** its last lines, and all that warn */
  readonly #recent: LogLine[] = [];
  readonly #warnings: LogLine[] = [];
  readonly #watchers = new Set<(line: LogLine) => void>();
  #stderr = '';
  #url = '';
  #exit: ProcessExit | null = null;

  /** Resolves when the service recognises. @throws FloraAsrError `tool_failed` if it ends before */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const service = new ServiceProcess(options);
    const failed = service.exited.then(({ code, signal }) => {
      throw new FloraAsrError(
        'tool_failed',
        `the service ended with ${signal ?? `exit code ${code}`}: ${lastLines(service.#stderr, 30)}`,
      );
    });
    await Promise.race([service.logged(({ msg }) => msg === 'ready'), failed]);
    return service;
  }

  private constructor({ settings, env, signal }: ServiceProcessOptions) {
    this.#child = spawn(process.execPath, ['scripts/run.mjs', 'server/commands/serve.ts'], {
      cwd: ROOT,
      env: { ...env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal, killSignal: 'SIGTERM' as const }),
    });
    this.#child.on('error', () => undefined); // an abort; `exited` tells the end
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARACTERS);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (code, killedBy) => {
        this.#exit = { code, signal: killedBy };
        resolve(this.#exit);
      });
    });
  }

  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  get running(): boolean {
    return this.#exit === null;
  }

  get warnings(): readonly LogLine[] {
    return this.#warnings;
  }

  /** what it wrote to standard error, the end of it */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the first line that is so, of the last ones or of those to come. */
  async logged(isIt: (line: LogLine) => boolean): Promise<LogLine> {
    const earlier = this.#recent.find(isIt);
    if (earlier !== undefined) return earlier;
    return new Promise((resolve) => {
      const watch = (line: LogLine) => {
        if (!isIt(line)) return;
        this.#watchers.delete(watch);
        resolve(line);
      };
      this.#watchers.add(watch);
    });
  }

  /** Linux only. */
  resources(): ProcessResources {
    const folder = `/proc/${this.#child.pid}`;
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? [];
    const children = readdirSync(`${folder}/task`).flatMap((task) => childrenOf(`${folder}/task/${task}`));
    const openFiles = readdirSync(`${folder}/fd`).flatMap((file) => kindOf(`${folder}/fd/${file}`));
    return {
      residentBytes: 1024 * Number(kibibytes),
      openFiles: openFiles.length,
      openFilesByKind: tally(openFiles),
      childProcesses: children.length,
    };
  }

  /** The samples of `/metrics` of these names, in their order. @throws RangeError if there is no such sample */
  async metrics(...names: readonly string[]): Promise<readonly number[]> {
    const answer = await fetch(`${this.#url}/metrics`, ONE_CONNECTION);
    const samples = metricSamples(await answer.text());
    return names.map((name) => {
      const value = samples.get(name);
      if (value === undefined) throw new RangeError(`/metrics has no sample ${name}.`);
      return value;
    });
  }

  /** As an operator does. */
  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** SIGTERM, and its end; SIGKILL where it does not come. */
  async stop(patienceMs = 60_000): Promise<ProcessExit> {
    this.terminate();
    const last = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(last);
    }
  }

  #take(text: string): void {
    const line = logLine(text);
    if (line === null) return;
    if (line.msg.startsWith('listening') && typeof line['url'] === 'string') this.#url = line['url'];
    this.#recent.push(line);
    if (this.#recent.length > KEPT_LINES) this.#recent.shift();
    if (line.level >= WARN && this.#warnings.length < KEPT_LINES) this.#warnings.push(line);
    for (const watch of [...this.#watchers]) watch(line);
  }
}

function logLine(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null; // not of the log
  }
}

/** `socket:[12345]` is a socket; a file may be closed while it is looked at. */
function kindOf(file: string): readonly string[] {
  try {
    return [readlinkSync(file).replace(/:\[.*/, '')];
  } catch {
    return [];
  }
}

/** A thread may end while it is looked at. */
function childrenOf(task: string): readonly string[] {
  try {
    return readFileSync(`${task}/children`, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

/** Prometheus' text format: `name{labels} value`, a line each. */
export function metricSamples(exposition: string): ReadonlyMap<string, number> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}
