import { parseArgs } from 'node:util';
import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import { cacheFolder } from '../../asr/weights/cache-folder.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { progressBar } from '../../server/commands/progress-bar.ts';
import { interruption, runCommand } from '../../server/commands/run-command.ts';
import { corpusStats, corpusStatsText } from '../corpora/corpus-stats.ts';
import { KNOWN_CORPORA, type KnownCorpus, openIfPulled } from '../corpora/known-corpora.ts';
import { openCorpus } from '../corpora/open-corpus.ts';
import { problemText } from '../corpora/own-corpus.ts';
import type { CorpusProblem, PackedCorpus } from '../corpora/packed-corpus.ts';

const HELP = `Speech data for benches and training, decoded once and kept in the cache.

Usage: npm run corpus -- COMMAND [NAME] [options]

Commands:
  list          the corpora, and which of them are here
  pull NAME     fetch and decode one; does nothing if it is here already
  stats NAME    its utterances by language and split, and what was left out; instead of a name, the path of a manifest
                or folder of your own: docs/corpora.md

Corpora:
${KNOWN_CORPORA.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

Options:
  --from PATH   pull: a .deb file, a folder of them, or the one they were unpacked to, in place of apt
  --force       pull: again, even if it is here
  --language L  stats: what is spoken, where a manifest does not say
  --json        list, stats: as JSON
  --help        this text

The cache is $FLORA_ASR_CACHE, or flora-asr below $XDG_CACHE_HOME or ~/.cache.
`;

const STAGES = {
  download: { title: 'Downloading', unit: 'bytes' },
  decode: { title: 'Decoding', unit: 'files' },
} as const;

interface Flags {
  readonly from?: string;
  readonly language?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      language: { type: 'string' },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, name, ...surplus] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (surplus.length > 0) throw new FloraAsrError('argument_invalid', `one corpus at a time, not also ${surplus.join(' ')}`);
  const cacheDir = cacheFolder(process.env);
  switch (command) {
    case 'list':
      list(cacheDir, values);
      return 0;
    case 'pull':
      await pull(definitionOf(name), cacheDir, values);
      return 0;
    case 'stats':
      writeStats(await openWithProblems(name, values.language), values);
      return 0;
    default:
      throw new FloraAsrError('argument_invalid', `no command is called ${command}; list, pull and stats are`);
  }
}

function definitionOf(name: string | undefined): KnownCorpus {
  const known = KNOWN_CORPORA.map((corpus) => corpus.name).join(', ');
  const definition = KNOWN_CORPORA.find((corpus) => corpus.name === name);
  if (definition !== undefined) return definition;
  const what = name === undefined ? 'the name of a corpus is missing' : `no corpus is called ${name}`;
  throw new FloraAsrError('argument_invalid', `${what}; known: ${known}`);
}

function list(cacheDir: string, { json }: Flags): void {
  const rows = KNOWN_CORPORA.map((definition) => {
    const corpus = openIfPulled(definition, cacheDir);
    return { name: definition.name, pulled: corpus !== null, utterances: corpus?.utterances().length ?? 0 };
  });
  if (json) return writeJson(rows);
  for (const { name, pulled, utterances } of rows) {
    process.stdout.write(`${name}  ${pulled ? `${utterances} utterances` : `not here: npm run corpus -- pull ${name}`}\n`);
  }
}

async function pull(definition: KnownCorpus, cacheDir: string, { from, force }: Flags): Promise<void> {
  const there = force ? null : openIfPulled(definition, cacheDir);
  if (there !== null) {
    process.stdout.write(`${definition.name} is here already: ${there.utterances().length} utterances\n`);
    return;
  }
  const bar = progressBar(process.stderr);
  try {
    const corpus = await definition.pull({
      cacheDir,
      ffmpegPath: await findFfmpeg(process.env),
      signal: interruption(),
      onProgress: (stage, done, total) => bar.update({ ...STAGES[stage], done, total }),
      ...(from === undefined ? {} : { from }),
    });
    bar.end();
    writeStats(corpus, { json: false });
  } finally {
    bar.end();
  }
}

/** At most this many are written out; the corpus counts all. */
const SHOWN_PROBLEMS = 20;

async function openWithProblems(nameOrPath: string | undefined, language: string | undefined): Promise<PackedCorpus> {
  if (nameOrPath === undefined) throw new FloraAsrError('argument_invalid', 'stats needs the name or path of a corpus');
  const bar = progressBar(process.stderr);
  const problems: CorpusProblem[] = [];
  try {
    return await openCorpus(nameOrPath, {
      env: process.env,
      language,
      signal: interruption(),
      onProblem: (problem) => problems.push(problem),
      onProgress: (done, total) => bar.update({ ...STAGES.decode, done, total }),
    });
  } finally {
    bar.end();
    for (const problem of problems.slice(0, SHOWN_PROBLEMS)) process.stderr.write(`${problemText(problem)}\n`);
    const more = problems.length - SHOWN_PROBLEMS;
    if (more > 0) process.stderr.write(`… and ${more} problems more\n`);
  }
}

function writeStats(corpus: PackedCorpus, { json }: Pick<Flags, 'json'>): void {
  const stats = corpusStats(corpus);
  if (json) writeJson(stats);
  else process.stdout.write(corpusStatsText(stats));
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

await runCommand(main);
