import type { Adapter } from '../../../adapters/adapter.ts';
import { requireAdaptersFrom } from '../../../adapters/load-adapters-from.ts';
import { Engine } from '../../../asr/engine/engine.ts';
import type { CheckpointLocation } from '../../../asr/weights/checkpoint-location.ts';
import type { Corpus, Utterance } from '../../corpora/corpus.ts';
import { engineCodeDigest } from '../../wer/engine-code.ts';
import { measure } from '../../wer/measure.ts';
import type { BenchContext } from '../bench.ts';
import { graphsFolder, tellEngine } from '../set-up.ts';
import { type HeardLine, readHeard, writeHeard } from './cell-cache.ts';
import { digestOf } from './study-recipe.ts';

/** Something whose words are kept in a folder: a cell's adapters, or the base model. */
export interface Listener {
  readonly title: string;
  readonly folder: string;
  /** whether the folder's adapters are used; else it is the base model at full context */
  readonly adapted: boolean;
}

export interface Hearing {
  readonly location: CheckpointLocation;
  readonly corpus: Corpus;
  readonly utterances: readonly Utterance[];
  readonly threads: number;
}

/** What each of them hears, in their order; one engine for all, which starts when there is something to be heard. */
export async function hearAll(
  listeners: readonly Listener[],
  hearing: Hearing,
  context: BenchContext,
): Promise<readonly (readonly HeardLine[])[]> {
  const code = digestOf(engineCodeDigest());
  let engine: Engine | null = null;
  try {
    const all: (readonly HeardLine[])[] = [];
    for (const listener of listeners) {
      const known = readHeard(listener.folder, code, hearing.utterances);
      if (known === null) {
        engine ??= await startEngine(hearing, context);
        all.push(await hear(engine, listener, { ...hearing, code }, context));
      } else all.push(known);
    }
    return all;
  } finally {
    await engine?.close();
  }
}

async function hear(
  engine: Engine,
  { title, folder, adapted }: Listener,
  { corpus, utterances, code }: Hearing & { readonly code: string },
  { progress, signal }: BenchContext,
): Promise<readonly HeardLine[]> {
  const adapters = adapted ? requireAdaptersFrom(folder) : [];
  const byLanguage = new Map<string | null, Adapter>(adapters.map((adapter) => [adapter.manifest.language, adapter]));
  for (const adapter of adapters) engine.loadAdapter(adapter);
  let done = 0;
  const { heard } = await measure(engine, utterances, {
    samplesOf: (utterance) => corpus.samples(utterance),
    beamSize: 1, // as the paper decodes
    adapterOf: ({ language }) => byLanguage.get(language)?.id ?? null,
    signal,
    onHeard: () => {
      done += 1;
      progress.advance({ title: `Listening: ${title}`, done, total: utterances.length, unit: 'files' });
    },
    seed: 1,
    resamples: 1, // intervals come later, over all seeds at once
  });
  for (const { id } of adapters) engine.unloadAdapter(id);
  return writeHeard(folder, code, heard);
}

/** fp32, so that all machines hear the same and nothing but the adapters differs. */
async function startEngine({ location, utterances, threads }: Hearing, context: BenchContext): Promise<Engine> {
  return Engine.start({
    checkpoint: location,
    cacheDir: graphsFolder(context),
    provider: 'cpu',
    computeType: 'fp32',
    threads,
    reservedSlots: new Set(utterances.map(({ language }) => language)).size,
    reservedRanks: { flora: 1, lora: 1 },
    onEvent: (event) => tellEngine(event, context.progress),
  });
}
