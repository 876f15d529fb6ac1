import path from 'node:path';
import pLimit from 'p-limit';
import type { Engine } from '../../asr/engine/engine.ts';
import { RowGate } from '../../asr/engine/row-gate.ts';
import { type FileRecognition, recogniseFile, transcriptText } from '../../asr/files/recognise-file.ts';
import { startSileroDetector } from '../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../asr/voice-activity/voice-detector.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { openEngine } from '../open-engine.ts';
import { interruption, runCommand } from './run-command.ts';
import { runtimeLine } from './runtime-line.ts';
import { setUpReport } from './set-up-report.ts';
import { parseTranscribeArguments, TRANSCRIBE_HELP, type TranscribeArguments } from './transcribe-arguments.ts';
import { type FileOutcome, transcribeDocument } from './transcribe-document.ts';

/** Files that are decoded at once, and utterances in the engine: enough to fill the batch, below its queue. */
const FILES_AT_ONCE = 16;
const UTTERANCES_IN_FLIGHT = 128;

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseTranscribeArguments(args);
  if (parsed === null) {
    process.stdout.write(TRANSCRIBE_HELP);
    return 0;
  }
  const signal = interruption();
  const report = setUpReport(process.stderr);
  const engine = await openEngine({ ...parsed, ...report, env: process.env, signal }).finally(report.end);
  let voice: VoiceDetector | null = null;
  try {
    if (parsed.endpointing !== 'off') voice = await startSileroDetector();
    process.stderr.write(`${runtimeLine(engine)}\n`);
    return await transcribe(parsed, { engine, voice, signal });
  } finally {
    await Promise.all([engine.close(), voice?.close()]);
  }
}

interface Running {
  readonly engine: Engine;
  /** null without endpointing */
  readonly voice: VoiceDetector | null;
  readonly signal: AbortSignal;
}

/** @returns the process's exit code */
async function transcribe(parsed: TranscribeArguments, { engine, voice, signal }: Running): Promise<number> {
  const recognition = { engine, voice, rows: new RowGate(UTTERANCES_IN_FLIGHT), env: process.env };
  const outcomes = recogniseAll(parsed, recognition, signal);
  if (!parsed.json) await printAsTheyCome(outcomes);
  const settled = await Promise.all(outcomes);
  if (parsed.json) process.stdout.write(`${JSON.stringify(transcribeDocument(engine, settled), null, 2)}\n`);
  return settled.some((outcome) => 'error' in outcome) ? 1 : 0;
}

function recogniseAll(
  { files, channels, endpointing, fullContext }: TranscribeArguments,
  recognition: FileRecognition,
  signal: AbortSignal,
): readonly Promise<FileOutcome>[] {
  const openFiles = pLimit(FILES_AT_ONCE);
  return files.map(async (file) => {
    const source = { path: path.resolve(process.env['INIT_CWD'] ?? '.', file.path) };
    const { language, adapter } = file;
    const request = {
      source,
      channels,
      endpointing,
      language,
      signal,
      ...(adapter !== undefined && { adapter }),
      ...(fullContext && { context: 'full' as const }),
    };
    try {
      return { file, transcript: await openFiles(() => recogniseFile(request, recognition)) };
    } catch (error) {
      if (!(error instanceof FloraAsrError)) throw error;
      return { file, error };
    }
  });
}

/** In the order of the arguments, each as soon as it and those before it are there. */
async function printAsTheyCome(outcomes: readonly Promise<FileOutcome>[]): Promise<void> {
  for (const pending of outcomes) {
    const outcome = await pending;
    const { path: name } = outcome.file;
    if ('error' in outcome) {
      process.stderr.write(`${name}: ${outcome.error.code}: ${outcome.error.message}\n`);
      continue;
    }
    const text = transcriptText(outcome.transcript);
    process.stdout.write(outcomes.length === 1 ? `${text}\n` : `${name}: ${text}\n`);
  }
}

await runCommand(main);
