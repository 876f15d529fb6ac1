import { spawn } from 'node:child_process';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

const KEPT_CHARACTERS = 64 * 1024;

/**
 * Runs a program to its end, without a shell.
 * @returns what it wrote to stdout (the last 64 Ki characters)
 * @throws FloraAsrError `tool_missing` if there is no such program, `tool_failed` with the end of its stderr if it
 *   fails, `cancelled` if the signal aborts it.
 */
export async function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARACTERS);
    });
    child.on('error', (cause: NodeJS.ErrnoException) => reject(startError(program, cause, options.signal)));
    child.on('close', (exitCode, killedBy) => {
      if (exitCode === 0) return resolve(stdout);
      const ending = lastLines(stderr || stdout, 8);
      reject(new FloraAsrError('tool_failed', `${program} ended with ${killedBy ?? `exit code ${exitCode}`}: ${ending}`));
    });
  });
}

export function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}

function startError(program: string, cause: NodeJS.ErrnoException, signal: AbortSignal | undefined): FloraAsrError {
  if (signal?.aborted) return new FloraAsrError('cancelled', `${program} was cancelled`, { cause });
  if (cause.code === 'ENOENT') return new FloraAsrError('tool_missing', `the program ${program} is not there`, { cause });
  return new FloraAsrError('tool_failed', `${program} could not be started: ${cause.message}`, { cause });
}
