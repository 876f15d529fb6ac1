import { setMaxListeners } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadAdapter } from '../../../adapters/load-adapter.ts';
import type { TrainingEvent } from '../../../adapters/training/training-events.ts';
import { Engine } from '../../../asr/engine/engine.ts';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { weightSettings } from '../../../asr/weights/weight-settings.ts';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';
import type { BenchContext } from '../../../bench/benches/bench.ts';
import { graphsFolder } from '../../../bench/benches/set-up.ts';
import { gatherData } from '../../../bench/training/gather-data.ts';
import { runTraining, type TrainingRun } from '../../../bench/training/run-training.ts';
import { trainOptions } from '../../../bench/training/train-options.ts';
import { measure } from '../../../bench/wer/measure.ts';
import { realCheckpoint } from '../../support/real-engine.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

/** Two recordings each of Greek and Spanish to learn from, one to measure on; its place stays, and so does its entry in the cache. */
const SPEECH = fileURLToPath(new URL('./speech.jsonl', import.meta.url));
const newFolder = temporaryFolders();

function contextOf(signal = new AbortController().signal, notes: string[] = []): BenchContext {
  setMaxListeners(0, signal); // all utterances listen to it
  return {
    env: process.env,
    weights: weightSettings(process.env),
    signal,
    progress: { note: (message) => notes.push(message), advance: () => undefined, onWeights: () => undefined },
  };
}

/** A run as its command makes it. */
function runOf(out: string, recipe: object, ...args: readonly string[]): TrainingRun {
  const file = path.join(newFolder(), 'recipe.json');
  writeFileSync(file, JSON.stringify({ fullShare: 0, ...recipe }));
  return trainOptions(['--out', out, '--recipe', file, ...args]);
}

function eventsIn(out: string): readonly TrainingEvent[] {
  const lines = readFileSync(path.join(out, 'training.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as TrainingEvent);
}

describe('npm run train', () => {
  it('brings the dev WER of Romanian down in a minute, and writes what it has measured', async () => {
    const recipe = {
      augmentation: null,
      limits: { positions: 1_000, squaredPositions: 1_000_000, targetTokens: 60 },
      loop: { epochs: 2, warmupSteps: 4, alphas: [1] },
    };
    const out = newFolder();
    const run = runOf(out, recipe, '--language', 'ro', '--limit', '32', '--dev-limit', '12');
    const [trained] = (await runTraining(run, contextOf())) ?? [];
    const measurements = eventsIn(out).flatMap((event) => (event.type === 'measurement' ? [event.learners[0]?.wer] : []));
    expect(measurements).toHaveLength(3);
    expect(trained?.devWer).toBeLessThan(measurements[0] ?? 0);
    expect(readdirSync(out).sort()).toEqual(['adapter.json', 'adapter.safetensors', 'curves.svg', 'training.jsonl']);

    const adapter = loadAdapter(out);
    expect(adapter.manifest).toMatchObject({ name: 'ro-tuxpaint', language: 'ro', training: { recipe: run.recipe } });
    const checkpoint = await realCheckpoint();
    const engine = await Engine.start({ checkpoint, cacheDir: graphsFolder(contextOf()), adapters: [adapter] });
    try {
      const { config, tensors } = openCheckpoint(checkpoint);
      tensors.close();
      const model = { config, tokenizer: openTokenizer(checkpoint.tokenizerPath) };
      const { dev } = await gatherData(run.recipe, { engine, model }, contextOf());
      const utterances = dev.map(({ utterance }) => utterance);
      const { languages } = await measure(engine, utterances, {
        samplesOf: (utterance) => dev[0]?.corpus.samples(utterance) ?? new Float32Array(0),
        adapterOf: () => adapter.id,
        seed: 1,
        resamples: 1,
      });
      expect(languages.get('ro')?.wer).toBe(trained?.devWer);
    } finally {
      await engine.close();
    }
  });

  it('goes on after an interrupt as if there had been none, to the last bit of its adapters', async () => {
    const recipe = {
      limits: { positions: 1_000, squaredPositions: 1_000_000, targetTokens: 30 },
      loop: { epochs: 2, warmupSteps: 2, averageDecay: 0.9, alphas: [1, 0.5] },
    };
    const options = ['--language', 'el,es', '--data', SPEECH, '--threads', '1'];
    const bytesOf = (out: string) =>
      ['el', 'es'].flatMap((language) =>
        ['adapter.json', 'adapter.safetensors'].map((file) => readFileSync(path.join(out, language, file))),
      );
    const [whole, broken] = [newFolder(), newFolder()];
    expect(await runTraining(runOf(whole, recipe, ...options), contextOf())).toHaveLength(2);
    const steps = eventsIn(whole).filter(({ type }) => type === 'step').length;
    expect(steps).toBeGreaterThan(3);

    const interrupt = new AbortController();
    const stopping = {
      ...runOf(broken, recipe, ...options),
      onEvent: (event: TrainingEvent) => {
        if (event.type === 'step' && event.step === steps - 1) interrupt.abort();
      },
    };
    expect(await runTraining(stopping, contextOf(interrupt.signal))).toBeNull();
    expect(readdirSync(broken).sort()).toEqual(['checkpoint', 'curves.svg', 'training.jsonl']);
    const notes: string[] = [];
    const resumed = runOf(broken, recipe, ...options, '--resume');
    expect(await runTraining(resumed, contextOf(undefined, notes))).toHaveLength(2);
    expect(notes).toContain(`Going on from step ${steps - 1}, epoch 2`);
    expect(existsSync(path.join(broken, 'checkpoint'))).toBe(false);
    for (const [index, bytes] of bytesOf(broken).entries()) expect(bytes.equals(bytesOf(whole)[index] as Buffer)).toBe(true);
    const measured = (out: string) => eventsIn(out).filter(({ type }) => type === 'measurement' || type === 'alpha_measured');
    expect(measured(broken)).toEqual(measured(whole));
  });

  it('is refused, and leaves no adapter, where there is nothing to learn from or no room for what is learned', async () => {
    const out = newFolder();
    const icelandic = runTraining(runOf(out, {}, '--language', 'el,is', '--data', SPEECH), contextOf());
    await expect(icelandic).rejects.toMatchObject({
      code: 'corpus_not_found',
      message: 'speech.jsonl: no utterance of "is" to learn from.',
    });
    expect(readdirSync(out)).toEqual([]);

    const file = path.join(out, 'file');
    writeFileSync(file, '');
    const nowhere = runTraining(runOf(path.join(file, 'below'), {}, '--language', 'el', '--data', SPEECH), contextOf());
    await expect(nowhere).rejects.toMatchObject({ code: 'output_unwritable' });
    expect(readdirSync(out)).toEqual(['file']);
  });
});
