import { createHash } from 'node:crypto';
import type { AdapterManifest, ContextPolicy } from '../../adapters/manifest.ts';
import { ownVersion } from '../../server/observability/own-version.ts';
import { corpusDigest } from '../corpora/corpus-digest.ts';
import type { RunRecipe } from './run-recipe.ts';
import { adapterNameFor, type TrainedAdapterOptions } from './trained-adapter.ts';
import type { TrainingData } from './training-data.ts';

/** An encoder has room for no more. */
const LONGEST_MS = 30_000;

/** What a run says of the adapter that one of its learners becomes. */
export function describeAdapter(
  data: TrainingData,
  recipe: RunRecipe,
  learner: number,
): Pick<TrainedAdapterOptions, 'name' | 'language' | 'contextPolicy' | 'training'> {
  const { name = '', language = null } = data.learners[learner] ?? {};
  const own = data.train.filter((one) => one.learner === learner);
  const corpora = [...new Set(own.map(({ corpus }) => corpus))];
  const digests = corpora.map((corpus) =>
    corpusDigest(
      corpus,
      own.filter((one) => one.corpus === corpus).map(({ utterance }) => utterance),
    ),
  );
  const heard = recipe.texts === 'teacher' ? ', as the base model hears them' : '';
  return {
    name: adapterNameFor(
      name,
      corpora.map((corpus) => corpus.name),
    ),
    language,
    contextPolicy: contextPolicy(own, recipe),
    training: {
      data: {
        description: `${own.length} utterances of ${corpora.map((corpus) => corpus.name).join(', ')}${heard}`,
        digest: `sha256:${createHash('sha256').update(digests.join('\n')).digest('hex')}`,
      },
      recipe: JSON.parse(JSON.stringify(recipe)) as NonNullable<NonNullable<AdapterManifest['training']>['recipe']>,
      seed: recipe.seed,
      tools: { 'flora-asr': ownVersion(), node: process.versions.node },
    },
  };
}

/** Utterances up to the longest that was learned from are encoded at their own length. */
function contextPolicy(own: TrainingData['train'], { tailPositions, concatenation }: RunRecipe): ContextPolicy {
  const longest = own.reduce((most, { utterance }) => Math.max(most, 1000 * utterance.durationSeconds), 0);
  const joined = concatenation.share > 0 ? 1000 * concatenation.seconds[1] : 0;
  return { tailPositions, trainedMinMs: 0, trainedMaxMs: Math.min(LONGEST_MS, Math.ceil(Math.max(longest, joined))) };
}
