import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import ffmpeg from 'fluent-ffmpeg';
import { FloraAsrError } from '../../kernels/errors.ts';
import { cancelled } from './cancelled.ts';

export interface FfmpegRun {
  readonly ffmpegPath: string;
  readonly input: string;
  readonly inputOptions: readonly string[];
  readonly outputOptions: readonly string[];
  /** Takes the output. An error of its own stops ffmpeg and is thrown. */
  readonly sink: Writable;
  readonly onLine: (line: string) => void;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs ffmpeg, without a shell, until it has ended or is killed.
 * @returns whether it ended well
 * @throws FloraAsrError `ffmpeg_missing` if it does not start, `ffmpeg_timeout`, `cancelled`, and what
 * the sink fails with
 */
export async function runFfmpeg(run: FfmpegRun): Promise<boolean> {
  const { sink, signal } = run;
  if (signal?.aborted === true) throw cancelled(signal);
  const command = ffmpeg(run.input)
    .setFfmpegPath(run.ffmpegPath)
    .inputOptions([...run.inputOptions])
    .outputOptions([...run.outputOptions])
    .output(sink)
    .on('stderr', run.onLine);

  let stop: (reason: FloraAsrError) => void = () => undefined;
  const ended = new Promise<boolean>((resolve, reject) => {
    let stopped = false;
    let started = false;
    stop = (reason) => {
      stopped = true;
      // at once, and not when ffmpeg is gone: a wrapper around it may survive the signal
      reject(reason);
      if (started) command.kill('SIGKILL');
    };
    command.on('start', () => {
      started = true;
      if (stopped) command.kill('SIGKILL');
    });
    // the process is gone, but its last output may still be on its way through the pipe
    const drained = (endedWell: boolean): void => {
      finished(sink).then(() => resolve(endedWell), reject);
    };
    command.on('end', () => drained(true));
    command.on('error', (error: Error) => {
      if (causeOf(error) !== undefined) reject(causeOf(error));
      else if (!started || 'syscall' in error) reject(notRunning(run.ffmpegPath, error));
      else drained(false);
    });
  });
  const onAbort = () => signal !== undefined && stop(cancelled(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop(timeout(run.timeoutMs)), run.timeoutMs);
  try {
    command.run();
    return await ended;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The sink's error, which fluent-ffmpeg wraps. */
function causeOf(error: Error): FloraAsrError | undefined {
  return 'outputStreamError' in error && error.outputStreamError instanceof FloraAsrError ? error.outputStreamError : undefined;
}

function notRunning(ffmpegPath: string, cause: Error): FloraAsrError {
  return new FloraAsrError('ffmpeg_missing', `${ffmpegPath} does not run as ffmpeg should: ${cause.message}`, { cause });
}

function timeout(timeoutMs: number): FloraAsrError {
  return new FloraAsrError('ffmpeg_timeout', `ffmpeg had not decoded the audio after ${timeoutMs / 1000} s.`);
}
