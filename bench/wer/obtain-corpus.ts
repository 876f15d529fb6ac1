import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import type { BenchContext } from '../benches/bench.ts';
import { KNOWN_CORPORA, openIfPulled } from '../corpora/known-corpora.ts';
import { openCorpus } from '../corpora/open-corpus.ts';
import type { CorpusProblem, PackedCorpus } from '../corpora/packed-corpus.ts';

export interface CorpusChoice {
  /** a corpus with a name, or the path of one's own */
  readonly nameOrPath: string;
  /** what is spoken, where a manifest does not say */
  readonly language: string | undefined;
  /** only these are decoded of one's own; all if absent */
  readonly languages: readonly string[] | undefined;
}

/** Of problems with a corpus, so many are told one by one. */
const MOST_PROBLEMS = 20;

/**
 * A corpus, ready to be heard: pulled if it has a name and is not here yet, decoded if it is one's own.
 * @throws FloraAsrError as `pull` of the corpus and `openCorpus` do
 */
export async function obtainCorpus(choice: CorpusChoice, context: BenchContext): Promise<PackedCorpus> {
  const { nameOrPath, language, languages } = choice;
  const { env, weights, signal, progress } = context;
  const known = KNOWN_CORPORA.find(({ name }) => name === nameOrPath);
  if (known === undefined) {
    const problems: CorpusProblem[] = [];
    const corpus = await openCorpus(nameOrPath, {
      env,
      language,
      languages,
      signal,
      onProblem: (problem) => problems.push(problem),
      onProgress: (done, total) => progress.advance({ title: 'Decoding the recordings', done, total, unit: 'files' }),
    });
    tellProblems(problems, context);
    return corpus;
  }
  const here = openIfPulled(known, weights.cacheDir);
  if (here !== null) return here;
  progress.note(`The corpus ${known.name} is not in the cache yet: pulling it`);
  return known.pull({
    cacheDir: weights.cacheDir,
    ffmpegPath: await findFfmpeg(env),
    signal,
    onProgress: (stage, done, total) =>
      stage === 'download'
        ? progress.advance({ title: 'Downloading the recordings', done, total, unit: 'bytes' })
        : progress.advance({ title: 'Decoding the recordings', done, total, unit: 'files' }),
  });
}

function tellProblems(problems: readonly CorpusProblem[], { progress }: BenchContext): void {
  for (const { file, line, message } of problems.slice(0, MOST_PROBLEMS)) {
    progress.note(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
  }
  if (problems.length > MOST_PROBLEMS) progress.note(`and ${problems.length - MOST_PROBLEMS} more like these`);
}
