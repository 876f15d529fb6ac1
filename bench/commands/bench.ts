import { weightSettings } from '../../asr/weights/weight-settings.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { progressBar } from '../../server/commands/progress-bar.ts';
import { interruption, runCommand } from '../../server/commands/run-command.ts';
import { weightReport } from '../../server/commands/weight-report.ts';
import type { Bench, BenchOutcome, BenchProgress } from '../benches/bench.ts';
import { engine } from '../benches/engine.ts';
import { fuzz } from '../benches/fuzz.ts';
import { parity } from '../benches/parity.ts';
import { streams } from '../benches/streams.ts';
import { telephone } from '../benches/telephone.ts';

const BENCHES: readonly Bench[] = [parity, engine, fuzz, streams, telephone];

const HELP = `Measurements. Each sets up what it needs: weights, recordings, and the peers it compares with.

Usage: npm run bench -- NAME [options]

Benches:
${BENCHES.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

Options:
  --json      one JSON document on standard output, everything else on standard error
  --help      this text; behind NAME, what that bench measures, and its options

The cache is $FLORA_ASR_CACHE, or flora-asr below $XDG_CACHE_HOME or ~/.cache.
`;

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const rest = args.filter((arg) => arg !== '--json' && arg !== '--help');
  const [name, ...options] = rest;
  if (name === undefined) {
    process.stdout.write(HELP);
    return args.includes('--help') ? 0 : 2;
  }
  const bench = benchOf(name);
  if (args.includes('--help')) {
    process.stdout.write(`${bench.help}  --json                one JSON document on standard output\n`);
    return 0;
  }
  const outcome = await runInterruptibly(bench, options);
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(outcome.document, null, 2)}\n` : `${outcome.text}\n`);
  return 0;
}

function benchOf(name: string): Bench {
  const bench = BENCHES.find((known) => known.name === name);
  if (bench !== undefined) return bench;
  const names = BENCHES.map((known) => known.name).join(', ');
  throw new FloraAsrError('argument_invalid', `no bench is called ${name}; these are: ${names}`);
}

/** The first interrupt lets the bench close what it has opened. */
async function runInterruptibly(bench: Bench, options: readonly string[]): Promise<BenchOutcome> {
  const signal = interruption();
  const shown = progressOn(process.stderr);
  try {
    const { progress } = shown;
    return await bench.run(options, { env: process.env, weights: weightSettings(process.env), signal, progress });
  } catch (error) {
    if (!signal.aborted) throw error;
    // whatever an interrupt broke, it was the interrupt
    throw new FloraAsrError('cancelled', `the bench ${bench.name} was interrupted`, { cause: error });
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

await runCommand(main);
