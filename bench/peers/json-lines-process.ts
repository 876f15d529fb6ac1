import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { lastLines } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface JsonLinesOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Kills the process; open requests fail with `cancelled`. */
  readonly signal?: AbortSignal;
}

const replySchema = z.object({
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
});

interface OpenRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FloraAsrError) => void;
}

const KEPT_STDERR_CHARACTERS = 16 * 1024;

/** A child process that answers one JSON line with one JSON line. */
export class JsonLinesProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  /** requests without a reply so far */
  readonly #open = new Map<number, OpenRequest>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #stderr = '';
  /** why no further request can be answered; null while the process runs */
  #failure: FloraAsrError | null = null;

  constructor(options: JsonLinesOptions) {
    const { program, args, env, signal } = options;
    this.#name = program;
    this.#child = spawn(program, args, { stdio: 'pipe', ...(env && { env }), ...(signal && { signal }) });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARACTERS);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    // A write to a process that has ended reports here too; its end says why.
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (cause) => {
        const code = signal?.aborted ? 'cancelled' : 'tool_failed';
        this.#fail(new FloraAsrError(code, `${program}: ${cause.message}`, { cause }));
        if (this.#child.pid === undefined) resolve();
      });
      this.#child.on('close', (exitCode, killedBy) => {
        const ending = lastLines(this.#stderr, 8);
        const message = `${program} ended with ${killedBy ?? `exit code ${exitCode}`}: ${ending}`;
        this.#fail(new FloraAsrError('tool_failed', message));
        resolve();
      });
    });
  }

  /**
   * @returns the reply's `result`, to be checked by the caller
   * @throws FloraAsrError `tool_failed` if the reply is an error or the process ends, `cancelled` if it was aborted
   */
  async request(command: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#failure !== null) throw this.#failure;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, command, ...fields })}\n`);
    });
  }

  /** Lets the process finish what it was asked, and waits for its end. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  #take(line: string): void {
    const reply = replySchema.safeParse(jsonOf(line));
    const request = reply.success ? this.#open.get(reply.data.id) : undefined;
    if (!reply.success || request === undefined) {
      this.#child.kill();
      return this.#fail(new FloraAsrError('tool_failed', `${this.#name} wrote a line that is no reply`));
    }
    this.#open.delete(reply.data.id);
    const { error, result } = reply.data;
    if (error === undefined) return request.resolve(result);
    request.reject(new FloraAsrError('tool_failed', `${this.#name}: ${error.type}: ${error.message}`));
  }

  #fail(failure: FloraAsrError): void {
    this.#failure ??= failure;
    for (const { reject } of this.#open.values()) reject(this.#failure);
    this.#open.clear();
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
