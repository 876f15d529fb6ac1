import pLimit from 'p-limit';
import { FloraAsrError } from '../../kernels/errors.ts';
import { FloraAsrClientError } from '../sdk/client-error.ts';
import type { Recording } from './list-recordings.ts';

/** What became of one recording. */
export type FileOutcome<Done> =
  | { readonly file: Recording; readonly done: Done }
  | { readonly file: Recording; readonly error: FloraAsrError | FloraAsrClientError };

/** All at once, as far as that may be; one that fails does not keep others from going on. */
export function eachFile<Done>(
  files: readonly Recording[],
  atOnce: number,
  work: (file: Recording) => Promise<Done>,
): readonly Promise<FileOutcome<Done>>[] {
  const turns = pLimit(atOnce);
  return files.map(async (file) => {
    try {
      return { file, done: await turns(() => work(file)) };
    } catch (error) {
      if (!(error instanceof FloraAsrError) && !(error instanceof FloraAsrClientError)) throw error;
      return { file, error };
    }
  });
}
