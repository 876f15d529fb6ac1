import { weightSettings } from '../../asr/weights/weight-settings.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { progressBar } from '../../server/commands/progress-bar.ts';
import { interruption } from '../../server/commands/run-command.ts';
import { weightReport } from '../../server/commands/weight-report.ts';
import type { BenchContext, BenchProgress } from './bench.ts';

/**
 * Runs a measurement with what it takes from the process: progress goes to standard error, and the first interrupt lets
 * it close what it has opened.
 * @param what for the error, e.g. `the bench parity`
 * @throws FloraAsrError `cancelled`; what the measurement throws
 */
export async function runInterruptibly<Outcome>(
  what: string,
  run: (context: BenchContext) => Promise<Outcome>,
): Promise<Outcome> {
  const signal = interruption();
  const shown = progressOn(process.stderr);
  try {
    return await run({ env: process.env, weights: weightSettings(process.env), signal, progress: shown.progress });
  } catch (error) {
    if (!signal.aborted) throw error;
    // whatever an interrupt broke, it was the interrupt
    throw new FloraAsrError('cancelled', `${what} was interrupted`, { cause: error });
  } finally {
    shown.end();
  }
}

function progressOn(stream: NodeJS.WriteStream): { readonly progress: BenchProgress; readonly end: () => void } {
  const bar = progressBar(stream);
  const weights = weightReport(stream);
  const end = () => {
    bar.end();
    weights.end();
  };
  const note = (message: string) => {
    end();
    stream.write(`${message}\n`);
  };
  return { progress: { note, advance: (stage) => bar.update(stage), onWeights: weights.onEvent }, end };
}
