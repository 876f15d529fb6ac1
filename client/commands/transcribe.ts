import path from 'node:path';
import { DEFAULT_BEAM_SIZES } from '../../asr/engine/beam-sizes.ts';
import type { Engine } from '../../asr/engine/engine.ts';
import { RowGate } from '../../asr/engine/row-gate.ts';
import { type FileTranscript, recogniseFile } from '../../asr/files/recognise-file.ts';
import type { LanguageChoice } from '../../asr/streaming/language-choice.ts';
import { startSileroDetector } from '../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../asr/voice-activity/voice-detector.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { progressBar } from '../../server/commands/progress-bar.ts';
import { interruption, runCommand } from '../../server/commands/run-command.ts';
import { runtimeLine } from '../../server/commands/runtime-line.ts';
import { setUpReport } from '../../server/commands/set-up-report.ts';
import { detectableLanguages } from '../../server/detectable-languages.ts';
import { openEngine } from '../../server/open-engine.ts';
import { AUTO_LANGUAGE } from '../../server/protocol/audio-requests.ts';
import { FloraAsrClientError } from '../sdk/client-error.ts';
import { eachFile, type FileOutcome } from './file-outcome.ts';
import { listRecordings, type Recording } from './list-recordings.ts';
import { remoteTranscript } from './remote-transcripts.ts';
import { parseTranscribeArguments, TRANSCRIBE_HELP, type TranscribeArguments } from './transcribe-arguments.ts';
import { transcribeDocument } from './transcribe-document.ts';
import { type TranscriptFiles, transcriptFiles } from './transcript-files.ts';
import { formatTranscript, needsWords } from './transcript-format.ts';

/** Files that are decoded at once, and utterances in the engine: enough to fill the batch, below its queue. */
const FILES_AT_ONCE = 16;
const UTTERANCES_IN_FLIGHT = 128;
/** A service has others to serve. */
const UPLOADS_AT_ONCE = 4;

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseTranscribeArguments(args, process.env);
  if (parsed === null) {
    process.stdout.write(TRANSCRIBE_HELP);
    return 0;
  }
  const from = process.env['INIT_CWD'] ?? '.';
  const recordings = await listRecordings(parsed.files, from);
  const { outFolder, format } = parsed;
  if (outFolder === null && format !== 'text' && recordings.length > 1) {
    throw new FloraAsrError('argument_invalid', `--format ${format} of ${recordings.length} files wants --out DIR`);
  }
  const files = outFolder === null ? null : transcriptFiles(path.resolve(from, outFolder), format, recordings);
  const wanted = recordings.filter((recording) => files?.has(recording) !== true);
  if (wanted.length < recordings.length) {
    process.stderr.write(`${recordings.length - wanted.length} of ${recordings.length} were there already.\n`);
  }
  if (wanted.length === 0) return 0;
  const signal = interruption();
  const { server } = parsed;
  if (server === null) return transcribeHere(parsed, { wanted, files, signal });
  const outcomes = eachFile(wanted, UPLOADS_AT_ONCE, (file) => remoteTranscript(file, { ...parsed, server }, signal));
  return deliver(parsed, outcomes, files);
}

interface Work {
  readonly wanted: readonly Recording[];
  /** null: transcripts are printed */
  readonly files: TranscriptFiles | null;
  readonly signal: AbortSignal;
}

/** @returns the process's exit code */
async function transcribeHere(parsed: TranscribeArguments, { wanted, files, signal }: Work): Promise<number> {
  const report = setUpReport(process.stderr);
  const engine = await openEngine({ ...parsed, ...report, env: process.env, signal }).finally(report.end);
  let voice: VoiceDetector | null = null;
  try {
    if (parsed.endpointing !== 'off') voice = await startSileroDetector();
    process.stderr.write(`${runtimeLine(engine)}\n`);
    const beamSizes = { ...DEFAULT_BEAM_SIZES, file: parsed.beamSize };
    const recognition = { engine, voice, rows: new RowGate(UTTERANCES_IN_FLIGHT), beamSizes, env: process.env };
    const transcripts = eachFile(wanted, FILES_AT_ONCE, (file) =>
      recogniseFile({ ...requestOf(file, parsed, engine), signal }, recognition),
    );
    if (parsed.json) return await printDocument(engine, transcripts);
    return await deliver(
      parsed,
      transcripts.map((outcome) => formatted(outcome, parsed, engine)),
      files,
    );
  } finally {
    await Promise.all([engine.close(), voice?.close()]);
  }
}

function requestOf(file: Recording, { channels, endpointing, fullContext, format, json }: TranscribeArguments, engine: Engine) {
  const { absolutePath, adapter } = file;
  return {
    source: { path: absolutePath },
    channels,
    endpointing,
    language: languageOf(file, engine),
    words: !json && needsWords(format),
    ...(adapter !== undefined && { adapter }),
    ...(fullContext && { context: 'full' as const }),
  };
}

/** As a service finds it that is not told among which languages. */
function languageOf({ language }: Recording, { adapters }: Engine): LanguageChoice {
  if (language !== AUTO_LANGUAGE) return language;
  return { among: detectableLanguages({ detectLanguages: [], languageDefaults: {}, adapters }) };
}

async function formatted(
  outcome: Promise<FileOutcome<FileTranscript>>,
  { format }: TranscribeArguments,
  engine: Engine,
): Promise<FileOutcome<string>> {
  const settled = await outcome;
  if ('error' in settled) return settled;
  const { file, done } = settled;
  return { file, done: formatTranscript(done, format, languageOf(file, engine)) };
}

/** @returns the process's exit code */
async function printDocument(engine: Engine, transcripts: readonly Promise<FileOutcome<FileTranscript>>[]): Promise<number> {
  const outcomes = await Promise.all(transcripts);
  process.stdout.write(`${JSON.stringify(transcribeDocument(engine, outcomes), null, 2)}\n`);
  return outcomes.some((outcome) => 'error' in outcome) ? 1 : 0;
}

/** Prints transcripts, or writes them and prints where. @returns the process's exit code */
async function deliver(
  { format }: TranscribeArguments,
  outcomes: readonly Promise<FileOutcome<string>>[],
  files: TranscriptFiles | null,
): Promise<number> {
  const progress = files !== null && process.stderr.isTTY ? fileProgress(outcomes.length) : null;
  let failed = false;
  const take = async (pending: Promise<FileOutcome<string>>) => {
    const outcome = await pending;
    const { path: name } = outcome.file;
    if ('error' in outcome) {
      failed = true;
      progress?.end();
      process.stderr.write(`${name}: ${outcome.error.code}: ${outcome.error.message}\n`);
    } else if (files === null) {
      process.stdout.write(outcomes.length > 1 && format === 'text' ? `${name}: ${outcome.done}` : outcome.done);
    } else {
      const written = await files.write(outcome.file, outcome.done);
      // a person looks at the bar, a program reads the names
      if (progress === null || !process.stdout.isTTY) process.stdout.write(`${written}\n`);
    }
    progress?.step();
  };
  // what is written need not wait for what was named before it
  if (files !== null) await Promise.all(outcomes.map(take));
  else for (const outcome of outcomes) await take(outcome);
  progress?.end();
  return failed ? 1 : 0;
}

function fileProgress(total: number): { step(): void; end(): void } {
  const bar = progressBar(process.stderr);
  let done = 0;
  return {
    step() {
      done += 1;
      bar.update({ title: 'Transcribing', done, total, unit: 'files' });
    },
    end: () => bar.end(),
  };
}

await runCommand(main, FloraAsrClientError);
