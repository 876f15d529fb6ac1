import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../../asr/audio/ffmpeg-binary.ts';

/** Runs the ffmpeg that the product runs, to make the files that a test reads. */
export async function ffmpeg(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(await findFfmpeg(process.env), ['-nostdin', '-v', 'error', '-y', ...args]);
}
