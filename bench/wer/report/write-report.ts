import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { makeFolder } from '../../../kernels/make-folder.ts';
import type { Utterance } from '../../corpora/corpus.ts';
import { wavFile } from '../wav-file.ts';
import { type ReportPage, reportPage } from './report-page.ts';
import { utteranceLine } from './utterance-line.ts';

export interface WrittenReport extends ReportPage {
  readonly folder: string;
  /** of `summary.json` */
  readonly document: Readonly<Record<string, unknown>>;
  readonly samplesOf: (utterance: Utterance) => Float32Array;
}

/**
 * `summary.json`, `utterances.jsonl`, `report.html`, and the recordings that it plays in `audio/`.
 * @throws FloraAsrError `cache_unwritable` if the folder cannot be written
 */
export async function writeReport({ folder, document, samplesOf, ...page }: WrittenReport): Promise<void> {
  const { run, shown } = page;
  try {
    await makeFolder(join(folder, 'audio'));
    await writeFile(join(folder, 'summary.json'), `${JSON.stringify(document, null, 2)}\n`);
    const lines = run.utterances.map((_, index) => `${JSON.stringify(utteranceLine(run, index))}\n`);
    await writeFile(join(folder, 'utterances.jsonl'), lines.join(''));
    for (const { index, audioFile } of shown) {
      await writeFile(join(folder, audioFile), wavFile(samplesOf(run.utterances[index] as Utterance)));
    }
    await writeFile(join(folder, 'report.html'), reportPage(page));
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new FloraAsrError('cache_unwritable', `The report's folder ${folder} cannot be written: ${cause.message}`, { cause });
  }
}
