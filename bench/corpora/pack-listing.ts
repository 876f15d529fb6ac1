import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import { decodeInBulk } from './bulk-decode.ts';
import type { ListedUtterance, ListingProblem } from './corpus-listing.ts';
import type { LeftOutReason } from './packed-corpus.ts';
import type { UtterancePacker } from './utterance-packer.ts';

/** Whisper's window; nothing is cut without being told where. */
export const MAX_UTTERANCE_SECONDS = 30;
export const MIN_UTTERANCE_SECONDS = 0.1;

/** An end that is later than the audio's by this is taken for a rounded one. */
const END_TOLERANCE_SECONDS = 0.1;

export interface PackListingOptions {
  readonly packer: UtterancePacker;
  readonly utterances: readonly ListedUtterance[];
  readonly ffmpegPath: string;
  /** an empty folder of this call's own */
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
  /** recordings, of which each holds one utterance or more */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Decodes what is listed, each recording once, and packs its utterances.
 * @returns what was wrong with some of them; the packer has counted these
 */
export async function packListing(options: PackListingOptions): Promise<readonly ListingProblem[]> {
  const { packer, utterances, ffmpegPath, workFolder, signal, onProgress } = options;
  const folders = await unpackArchives(utterances, join(workFolder, 'archives'), signal);
  const byFile = new Map<string, ListedUtterance[]>();
  for (const utterance of utterances) {
    const { archive, file } = utterance;
    const path = archive === undefined ? file : join(folders.get(archive) ?? '', file);
    const together = byFile.get(path);
    if (together === undefined) byFile.set(path, [utterance]);
    else together.push(utterance);
  }
  const problems: ListingProblem[] = [];
  let doneBefore = 0;
  for (const group of decodingGroups(byFile)) {
    const decoding = decodeInBulk({
      ...group,
      ffmpegPath,
      workFolder: join(workFolder, 'decoded'),
      onProgress: (done) => onProgress?.(doneBefore + done, byFile.size),
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const { file, pcm } of decoding) {
      for (const utterance of byFile.get(file) ?? []) {
        const problem = await packOne(packer, utterance, pcm);
        if (problem !== null) problems.push({ ...utterance.place, ...problem, language: utterance.language });
      }
    }
    doneBefore += group.files.length;
  }
  return problems;
}

/** Recordings of which parts are asked for may be hours long; of the others, no more is read than can be used. */
function decodingGroups(byFile: ReadonlyMap<string, readonly ListedUtterance[]>) {
  const inParts = ({ startSeconds, endSeconds }: ListedUtterance) => startSeconds !== undefined || endSeconds !== undefined;
  const files = [...byFile.keys()];
  const whole = files.filter((file) => !byFile.get(file)?.some(inParts));
  const parts = files.filter((file) => byFile.get(file)?.some(inParts));
  return [
    { files: whole, maxSeconds: MAX_UTTERANCE_SECONDS + 1 },
    { files: parts, filesPerProcess: 1 },
  ];
}

async function packOne(
  packer: UtterancePacker,
  utterance: ListedUtterance,
  pcm: Buffer | null,
): Promise<{ readonly reason: LeftOutReason; readonly message: string } | null> {
  const { id, audioPath, text, language, split, speaker, startSeconds = 0, endSeconds } = utterance;
  const audioSeconds = (pcm?.length ?? 0) / 2 / SAMPLE_RATE_HZ;
  if (pcm !== null && Math.max(startSeconds, (endSeconds ?? 0) - END_TOLERANCE_SECONDS) > audioSeconds) {
    packer.leaveOut(language, 'malformed');
    const asked = `from ${startSeconds} s to ${endSeconds ?? 'its end'}`;
    return { reason: 'malformed', message: `${audioPath} has ${audioSeconds.toFixed(2)} s; asked for is what lies ${asked}` };
  }
  const cut =
    pcm === null ? null : pcm.subarray(byteAt(startSeconds), endSeconds === undefined ? undefined : byteAt(endSeconds));
  const candidate = { id, audioPath, text, language, split };
  const reason = await packer.add(speaker === undefined ? candidate : { ...candidate, speaker }, cut);
  if (reason === null) return null;
  const seconds = (cut?.length ?? 0) / 2 / SAMPLE_RATE_HZ;
  return { reason, message: `${audioPath} ${whyNot(reason, seconds)}` };
}

function whyNot(reason: LeftOutReason, seconds: number): string {
  if (reason === 'undecodable') return 'cannot be decoded, or holds no samples';
  if (reason === 'tooLong') return `is longer than ${MAX_UTTERANCE_SECONDS} s: list its parts, with start and end`;
  return `lasts ${seconds.toFixed(2)} s; the shortest is ${MIN_UTTERANCE_SECONDS} s`;
}

function byteAt(seconds: number): number {
  return Math.round(seconds * SAMPLE_RATE_HZ) * 2;
}

/** @returns for each archive the folder it was unpacked to */
async function unpackArchives(
  utterances: readonly ListedUtterance[],
  workFolder: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const { archive } of utterances) {
    if (archive === undefined || folders.has(archive)) continue;
    const folder = join(workFolder, `${folders.size}`);
    await makeFolder(folder);
    folders.set(archive, folder);
    try {
      await runProgram('tar', ['-xzf', archive, '-C', folder], signal === undefined ? {} : { signal });
    } catch (cause) {
      if (!(cause instanceof FloraAsrError) || cause.code === 'cancelled') throw cause;
      const remedy = 'fetch it again, or unpack it beside the archive yourself';
      throw new FloraAsrError(cause.code, `${archive} cannot be unpacked (${remedy}): ${cause.message}`, { cause });
    }
  }
  return folders;
}
