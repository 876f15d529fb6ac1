import { setMaxListeners } from 'node:events';
import { FloraAsrClientError } from '../../client/sdk/client-error.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

/**
 * Runs a command of the terminal and sets the process's exit code: what `main` returns, 2 for a wrong
 * argument, 1 for any other failure. An error is told as `code: message`; one that is a bug of ours ends
 * the process with its stack.
 */
export async function runCommand(main: (args: readonly string[]) => Promise<number>): Promise<void> {
  // whoever read the output, such as `head`, has seen enough
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const usage = error instanceof TypeError && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS');
    const known = error instanceof FloraAsrError || error instanceof FloraAsrClientError;
    if (!usage && !known) throw error;
    const code = known ? error.code : 'argument_invalid';
    process.stderr.write(`${code}: ${error.message}\n`);
    process.exitCode = code === 'argument_invalid' ? 2 : 1;
  }
}

/** Aborted when the user interrupts the command, or the system ends it, for the first time. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  // all files and utterances of a command listen to it; Node would take more than ten for a leak
  setMaxListeners(0, interrupted.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}
