import { FloraAsrError } from '../../kernels/errors.ts';
import { runCommand } from '../../server/commands/run-command.ts';
import { adapterKinds } from '../benches/adapter-kinds.ts';
import type { Bench } from '../benches/bench.ts';
import { clients } from '../benches/clients.ts';
import { engine } from '../benches/engine.ts';
import { fuzz } from '../benches/fuzz.ts';
import { latency } from '../benches/latency.ts';
import { longFile } from '../benches/long-file.ts';
import { page } from '../benches/page.ts';
import { parity } from '../benches/parity.ts';
import { partials } from '../benches/partials.ts';
import { runInterruptibly } from '../benches/run-interruptibly.ts';
import { streams } from '../benches/streams.ts';
import { telephone } from '../benches/telephone.ts';

const BENCHES: readonly Bench[] = [
  parity,
  engine,
  fuzz,
  streams,
  latency,
  partials,
  longFile,
  telephone,
  clients,
  page,
  adapterKinds,
];

const HELP = `Measurements. Each sets up what it needs: weights, recordings, and the peers it compares with.

Usage: npm run bench -- NAME [options]

Benches:
${BENCHES.map(({ name, summary }) => `  ${name.padEnd(15)}${summary}`).join('\n')}

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
  const outcome = await runInterruptibly(`the bench ${bench.name}`, (context) => bench.run(options, context));
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(outcome.document, null, 2)}\n` : `${outcome.text}\n`);
  return 0;
}

function benchOf(name: string): Bench {
  const bench = BENCHES.find((known) => known.name === name);
  if (bench !== undefined) return bench;
  const names = BENCHES.map((known) => known.name).join(', ');
  throw new FloraAsrError('argument_invalid', `no bench is called ${name}; these are: ${names}`);
}

await runCommand(main);
