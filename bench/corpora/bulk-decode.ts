import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';

export interface BulkDecodeOptions {
  readonly ffmpegPath: string;
  /** files of any format that ffmpeg reads */
  readonly files: readonly string[];
  /** a folder of this call's own, for raw samples between ffmpeg and us */
  readonly workFolder: string;
  /** how many are decoded by one ffmpeg, and lie in memory together; many if absent, for short files */
  readonly filesPerProcess?: number;
  /** how much of each file is decoded; all if absent */
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch. */
  readonly onProgress?: (decodedFiles: number) => void;
}

export interface DecodedFile {
  readonly file: string;
  /** 16 kHz mono, signed 16 bits, little-endian; null if ffmpeg cannot read the file */
  readonly pcm: Buffer | null;
}

/** Starting an ffmpeg costs more than a short recording does. */
const SHORT_FILES_PER_PROCESS = 32;
const PROCESSES = 2;

/** Decodes many short files with few processes; yields them in the order of `files`. */
export async function* decodeInBulk(options: BulkDecodeOptions): AsyncGenerator<DecodedFile> {
  const { files, workFolder, filesPerProcess = SHORT_FILES_PER_PROCESS, onProgress } = options;
  await makeFolder(workFolder);
  const perRound = filesPerProcess * PROCESSES;
  for (let start = 0; start < files.length; start += perRound) {
    const round = files.slice(start, start + perRound);
    const batches = Array.from({ length: Math.ceil(round.length / filesPerProcess) }, (_, i) =>
      round.slice(i * filesPerProcess, (i + 1) * filesPerProcess),
    );
    const decoded = await Promise.all(batches.map((batch, i) => decodeBatch(batch, join(workFolder, `${i}`), options)));
    yield* decoded.flat();
    onProgress?.(Math.min(files.length, start + perRound));
  }
  await rm(workFolder, { recursive: true, force: true });
}

async function decodeBatch(
  files: readonly string[],
  folder: string,
  options: BulkDecodeOptions,
): Promise<readonly DecodedFile[]> {
  try {
    return await decodeTogether(files, folder, options);
  } catch (error) {
    if (!(error instanceof FloraAsrError && error.code === 'tool_failed')) throw error;
    if (files.length === 1) return files.map((file) => ({ file, pcm: null }));
  }
  // One unreadable file ends the whole process: find it by decoding each alone.
  const decoded: DecodedFile[] = [];
  for (const file of files) decoded.push(...(await decodeBatch([file], folder, options)));
  return decoded;
}

async function decodeTogether(
  files: readonly string[],
  folder: string,
  { ffmpegPath, maxSeconds, signal }: BulkDecodeOptions,
): Promise<readonly DecodedFile[]> {
  await makeFolder(folder);
  const rawPath = (i: number) => join(folder, `${i}.s16`);
  const inputs = files.flatMap((file) => ['-protocol_whitelist', 'file', '-i', file]);
  const length = maxSeconds === undefined ? [] : ['-t', `${maxSeconds}`];
  const encoding = [...length, '-ac', '1', '-ar', `${SAMPLE_RATE_HZ}`, '-f', 's16le', '-c:a', 'pcm_s16le'];
  const outputs = files.flatMap((_, i) => ['-map', `${i}:a:0`, ...encoding, rawPath(i)]);
  const args = ['-nostdin', '-hide_banner', '-v', 'error', '-y', ...inputs, ...outputs];
  await runProgram(ffmpegPath, args, signal === undefined ? {} : { signal });
  const decoded: DecodedFile[] = [];
  for (const [i, file] of files.entries()) decoded.push({ file, pcm: await readFile(rawPath(i)) });
  await rm(folder, { recursive: true, force: true });
  return decoded;
}
