import { parseArgs } from 'node:util';
import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import { cacheFolder } from '../../asr/weights/cache-folder.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { progressBar } from '../../server/commands/progress-bar.ts';
import { interruption, runCommand } from '../../server/commands/run-command.ts';
import { SPLITS } from '../corpora/corpus.ts';
import { KNOWN_CORPORA, type KnownCorpus, openIfPulled } from '../corpora/known-corpora.ts';
import { LEFT_OUT_REASONS, type LeftOutCounts, type LeftOutReason, type PackedCorpus } from '../corpora/packed-corpus.ts';

const HELP = `Speech data for benches and training, decoded once and kept in the cache.

Usage: npm run corpus -- COMMAND [NAME] [options]

Commands:
  list          the corpora, and which of them are here
  pull NAME     fetch and decode one; does nothing if it is here already
  stats NAME    its utterances by language and split, and what was left out

Corpora:
${KNOWN_CORPORA.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

Options:
  --from PATH   pull: a .deb file, or the folder it was unpacked to, in place of apt
  --force       pull: again, even if it is here
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
      stats(definitionOf(name).open(cacheDir), values);
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
    stats(corpus, { json: false });
  } finally {
    bar.end();
  }
}

function stats(corpus: PackedCorpus, { json }: Pick<Flags, 'json'>): void {
  const rows = corpus.languages.flatMap((language) =>
    SPLITS.map((split) => {
      const utterances = corpus.utterances({ languages: [language], split });
      const seconds = utterances.reduce((sum, utterance) => sum + utterance.durationSeconds, 0);
      const spoken = utterances.filter((utterance) => utterance.spoken).length;
      return { language, split, utterances: utterances.length, spoken, minutes: Number((seconds / 60).toFixed(1)) };
    }),
  );
  if (json) return writeJson({ name: corpus.name, source: corpus.source, rows, leftOut: corpus.leftOut });
  process.stdout.write(`${corpus.name}, from ${corpus.source}\n`);
  process.stdout.write(`${['language', 'split', 'utterances', 'spoken', 'minutes'].map(cell).join('')}\n`);
  for (const row of rows) process.stdout.write(`${Object.values(row).map(cell).join('')}\n`);
  process.stdout.write('left out: ');
  const reasons = Object.entries(corpus.leftOut).map(([language, counts]) => `${language} ${leftOutText(counts)}`);
  process.stdout.write(`${reasons.join('; ')}\n`);
}

const LEFT_OUT: Readonly<Record<LeftOutReason, string>> = {
  noText: 'without text',
  notSpeech: 'not speech',
  notSentence: 'letters, numbers, names',
  undecodable: 'unreadable',
  tooShort: 'too short',
  tooLong: 'too long',
  missing: 'missing',
  languageUnknown: 'of unknown language',
  malformed: 'malformed lines',
  repeated: 'repeated',
};

function leftOutText(counts: LeftOutCounts): string {
  const told = LEFT_OUT_REASONS.filter((reason) => (counts[reason] ?? 0) > 0);
  return told.length === 0 ? 'none' : told.map((reason) => `${counts[reason]} ${LEFT_OUT[reason]}`).join(', ');
}

function cell(value: unknown): string {
  return `${value}`.padEnd(12);
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

await runCommand(main);
