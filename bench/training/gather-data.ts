import { createHash } from 'node:crypto';
import type { Engine } from '../../asr/engine/engine.ts';
import type { BenchContext } from '../benches/bench.ts';
import { obtainTuxpaint } from '../benches/set-up.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import { openCorpus } from '../corpora/open-corpus.ts';
import { corpusOfLanguages, parseDataSource } from './data-source.ts';
import { heardCorpus } from './heard-corpus.ts';
import type { RunRecipe } from './run-recipe.ts';
import { firstOf, selectData, type TrainedLanguages, type TrainingData } from './training-data.ts';
import type { TextModel } from './training-tokens.ts';

/** The name of the adapter that serves all languages. */
const FOR_ANY_LANGUAGE = 'context';

/**
 * Opens a run's corpora, has the base model hear them where there are to be no transcripts, and says what there is.
 * @throws FloraAsrError as `openCorpus`, `selectData`
 */
export async function gatherData(
  recipe: RunRecipe,
  { engine, model }: { readonly engine: Engine; readonly model: TextModel },
  context: BenchContext,
): Promise<TrainingData> {
  const opened = await openCorpora(recipe, context);
  const corpora = recipe.texts === 'teacher' ? await hearAll(opened, recipe, engine, context) : opened;
  const data = selectData({
    ...model,
    corpora,
    learners: learnersOf(recipe),
    limit: recipe.limit,
    devLimit: recipe.devLimit,
    orderOf,
  });
  tellData(data, context);
  return data;
}

/** An order in which a limit chooses: by chance, but the same in each run, so that runs can be compared. */
function orderOf({ id }: Utterance): number {
  return Number.parseInt(createHash('sha1').update(id).digest('hex').slice(0, 12), 16);
}

function learnersOf({ texts, languages }: RunRecipe): readonly TrainedLanguages[] {
  return texts === 'teacher'
    ? [{ name: FOR_ANY_LANGUAGE, language: null, languages }]
    : languages.map((language) => ({ name: language, language, languages: [language] }));
}

async function openCorpora(recipe: RunRecipe, context: BenchContext): Promise<readonly Corpus[]> {
  const { env, signal, progress } = context;
  const corpora: Corpus[] = [];
  for (const { name, languages } of recipe.data.map(parseDataSource)) {
    const corpus =
      name === 'tuxpaint'
        ? await obtainTuxpaint(context)
        : await openCorpus(name, {
            env,
            signal,
            language: recipe.languages.length === 1 ? recipe.languages[0] : undefined,
            languages: recipe.languages,
            onProblem: ({ file, line, message }) => progress.note(`${file}:${line}: ${message}`),
            onProgress: (done, total) => progress.advance({ title: `Decoding ${name}`, done, total, unit: 'files' }),
          });
    corpora.push(languages === null ? corpus : corpusOfLanguages(corpus, languages));
  }
  return corpora;
}

async function hearAll(
  corpora: readonly Corpus[],
  { languages, limit, devLimit }: RunRecipe,
  engine: Engine,
  { signal, progress }: BenchContext,
): Promise<readonly Corpus[]> {
  const heard: Corpus[] = [];
  for (const corpus of corpora) {
    const choose = () =>
      languages.flatMap((language) => [
        ...firstOf(corpus.utterances({ languages: [language], split: 'train' }), limit, orderOf),
        ...firstOf(corpus.utterances({ languages: [language], split: 'dev' }), devLimit, orderOf),
      ]);
    const onHeard = (done: number, total: number) =>
      progress.advance({ title: `Hearing ${corpus.name} at full context`, done, total, unit: 'files' });
    heard.push(await heardCorpus(corpus, { engine, choose, signal, onHeard }));
  }
  return heard;
}

function tellData({ learners, train, dev, leftOut }: TrainingData, { progress }: BenchContext): void {
  for (const [learner, { name, languages }] of learners.entries()) {
    const own = train.filter((one) => one.learner === learner);
    const minutes = own.reduce((sum, { utterance }) => sum + utterance.durationSeconds, 0) / 60;
    const measured = dev.filter(({ utterance }) => languages.includes(utterance.language)).length;
    progress.note(`${name}: ${own.length} utterances (${minutes.toFixed(1)} min) to learn from, ${measured} to measure on`);
  }
  const reasons = new Map<string, number>();
  for (const { reason } of leftOut) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size === 0) return;
  progress.note(`Not learned from: ${[...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ')}`);
}
