import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { fuzzText } from './fuzz/fuzz-report.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { countOption, readOptions } from './options.ts';

const FLAGS = { cases: { type: 'string' }, seed: { type: 'string' }, concurrency: { type: 'string' } } as const;

const optionsSchema = z.object({
  cases: countOption(1_000_000).default(10_000),
  seed: countOption(2 ** 31 - 1, 0).default(1),
  concurrency: countOption(1_000).default(32),
});

export const fuzz: Bench = {
  name: 'fuzz',
  summary: 'malformed requests and frames: nothing may crash, leak or be noticed by others',
  help: `Whether malformed input harms the service: seeded cases, from bytes that are no request to streams that
are abandoned, are thrown at a service of its own (whisper-base, real sockets, this machine only). Healthy
streams and uploads go on beside them, and have to give the same text each time. Afterwards the service has to
be ready, with no rows, streams, files or children left. Needs Linux.

Options:
  --cases N             10000 if left out
  --seed N              1 if left out; the same seed gives the same cases
  --concurrency N       connections at once; 32 if left out
`,
  run,
};

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, FLAGS, optionsSchema);
  if (process.platform !== 'linux') throw new FloraAsrError('tool_missing', 'the bench fuzz reads /proc, which only Linux has');
  const { env, signal, progress } = context;
  progress.note('Starting the service');
  const stage = { title: 'Malformed cases', total: options.cases, unit: 'files' } as const;
  const report = await runFuzz({ ...options, env, signal, onProgress: (done) => progress.advance({ ...stage, done }) });
  const document = { bench: 'fuzz', ...report, settings: options, versions: ourVersions(), machine: describeMachine() };
  return { document, text: fuzzText(report, options.seed) };
}
