import { setMaxListeners } from 'node:events';
import { FloraAsrError } from '../../kernels/errors.ts';

/** Says what was wrong, and has a stable code. */
type ToldError = Error & { readonly code: string };

/**
 * Runs a command of the terminal and sets the process's exit code: what `main` returns, 2 for a wrong
 * argument, 1 for any other failure. A FloraAsrError, or one of `alsoTold`, is told as `code: message`; one that is
 * a bug of ours ends the process with its stack.
 */
export async function runCommand(
  main: (args: readonly string[]) => Promise<number>,
  ...alsoTold: readonly (abstract new (
    ...details: never[]
  ) => ToldError)[]
): Promise<void> {
  // whoever read the output, such as `head`, has seen enough
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const usage = error instanceof TypeError && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS');
    const told = [FloraAsrError, ...alsoTold].some((type) => error instanceof type);
    if (!usage && !told) throw error;
    const { code, message } = error as ToldError;
    const toldCode = usage ? 'argument_invalid' : code;
    process.stderr.write(`${toldCode}: ${message}\n`);
    process.exitCode = toldCode === 'argument_invalid' ? 2 : 1;
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
