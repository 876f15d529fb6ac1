import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { stageFile, unwritable } from '../../adapters/staged-file.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Recording } from './list-recordings.ts';
import type { OutputFormat } from './transcribe-arguments.ts';
import { FORMAT_ENDINGS } from './transcript-format.ts';

/** Where transcripts of recordings are written: a file for each, whole or not at all. */
export interface TranscriptFiles {
  /** Whether a run before this one has written it. */
  has(recording: Recording): boolean;
  /** @returns its path @throws FloraAsrError `output_unwritable` */
  write(recording: Recording, text: string): Promise<string>;
}

/** @throws FloraAsrError `argument_invalid` where two recordings would have one transcript */
export function transcriptFiles(folder: string, format: OutputFormat, recordings: readonly Recording[]): TranscriptFiles {
  const fileOf = ({ outputName }: Recording) => path.join(folder, `${outputName}${FORMAT_ENDINGS[format]}`);
  const owners = new Map<string, Recording>();
  for (const recording of recordings) {
    const file = fileOf(recording);
    const other = owners.get(file);
    owners.set(file, recording);
    if (other === undefined) continue;
    const both = `${other.path} and ${recording.path} would both be written to ${file}`;
    throw new FloraAsrError('argument_invalid', `${both}; transcribe them into different folders`);
  }
  return {
    has: (recording) => existsSync(fileOf(recording)),
    async write(recording, text) {
      const file = fileOf(recording);
      try {
        await mkdir(path.dirname(file), { recursive: true });
        stageFile(path.dirname(file), (temporary) => writeFileSync(temporary, text)).publish(file);
      } catch (error) {
        throw unwritable('A transcript', path.dirname(file), error);
      }
      return file;
    },
  };
}
