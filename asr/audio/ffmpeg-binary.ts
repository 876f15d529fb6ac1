import { constants } from 'node:fs';
import { access, chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';

const REMEDY =
  'Install ffmpeg (Debian: apt-get install ffmpeg, macOS: brew install ffmpeg) so that it is on PATH, ' +
  'run npm install without --omit=optional, or name a binary with FLORA_ASR_FFMPEG.';

/**
 * The ffmpeg to run: the one `FLORA_ASR_FFMPEG` names, else the first on `PATH`, else the one that
 * comes by npm.
 * @throws FloraAsrError `ffmpeg_missing`
 */
export async function findFfmpeg(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env['FLORA_ASR_FFMPEG'];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new FloraAsrError('ffmpeg_missing', `FLORA_ASR_FFMPEG names ${named}, which is not a program. ${REMEDY}`);
  }
  return (await findOnPath(env)) ?? (await findInstalled());
}

async function findOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const program = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  // a relative entry would run whatever lies in the current folder
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const candidate = path.join(folder, program);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function findInstalled(): Promise<string> {
  let binary: string;
  try {
    // required only here: the package throws on a platform that it has no binary for
    binary = (createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }).path;
  } catch (cause) {
    throw new FloraAsrError('ffmpeg_missing', `There is no ffmpeg on PATH, and none came by npm. ${REMEDY}`, { cause });
  }
  if (await isExecutable(binary)) return binary;
  // npm sets this bit in an install script, and installs often skip scripts
  await chmod(binary, 0o755).catch(() => undefined);
  if (await isExecutable(binary)) return binary;
  throw new FloraAsrError('ffmpeg_missing', `The ffmpeg that came by npm (${binary}) cannot be made executable. ${REMEDY}`);
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
