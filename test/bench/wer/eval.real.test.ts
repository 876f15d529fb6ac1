import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writeAdapter } from '../../../adapters/write-adapter.ts';
import { weightSettings } from '../../../asr/weights/weight-settings.ts';
import type { BenchContext } from '../../../bench/benches/bench.ts';
import { evaluate } from '../../../bench/wer/eval.ts';
import { realAdapters } from '../../support/real-engine.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

/** Two recordings each of Greek and Spanish, as somebody's own manifest; its place stays, and so does its entry in the cache. */
const SPEECH = fileURLToPath(new URL('./speech.jsonl', import.meta.url));
const newFolder = temporaryFolders();

/** An adapter for Greek that was never trained. */
async function adapters(): Promise<string> {
  const folder = newFolder();
  const make = await realAdapters();
  writeAdapter(join(folder, 'greek'), make({ name: 'greek', language: 'el', seed: 1 }));
  return folder;
}

function context(notes: string[]): BenchContext {
  return {
    env: process.env,
    weights: weightSettings(process.env),
    signal: new AbortController().signal,
    progress: { note: (message) => notes.push(message), advance: () => undefined, onWeights: () => undefined },
  };
}

type Line = { readonly id: string; readonly systems: Readonly<Record<string, { readonly text: string }>> };

function textsIn(folder: string): readonly unknown[] {
  const lines = readFileSync(join(folder, 'utterances.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { id, systems } = JSON.parse(line) as Line;
    return [id, ...Object.entries(systems).map(([name, { text }]) => [name, text])];
  });
}

describe('npm run eval', () => {
  it('hears the same offline, from the cache, and through a live service', async () => {
    const notes: string[] = [];
    // a beam as streams and recordings both have it
    const fp32 = [
      '--corpus',
      SPEECH,
      '--beam',
      '2',
      '--adapters',
      await adapters(),
      '--compute-type',
      'fp32',
      '--threads',
      '2',
    ];
    const run = async (...args: readonly string[]) => {
      const out = newFolder();
      const { document } = await evaluate([...fp32, '--out', out, ...args], context(notes));
      return { document: JSON.parse(JSON.stringify(document)) as Record<string, unknown>, texts: textsIn(out) };
    };
    const first = await run();
    expect(first.document).toMatchObject({
      all: {
        languages: {
          el: { base: { utterances: 2 }, adapter: { utterances: 2 }, comparison: {} },
          es: { base: { utterances: 2 }, comparison: null },
        },
        macro: { base: { languages: ['el', 'es'] }, adapter: { languages: ['el'] } },
      },
      adapters: { el: { id: 'greek@1.0.0' } },
    });
    expect(notes.join('\n')).toContain('only the base model hears those');

    const again = await run();
    expect(notes).toContain('base: 4 of 4 texts are in the cache');
    expect(again.document['all']).toEqual(first.document['all']);

    const live = await run('--live');
    expect(live.texts).toEqual(first.texts);
    expect(live.document).toMatchObject({
      all: { pooled: { base: { latencyMs: { count: 4 } }, adapter: { latencyMs: { count: 2 } } } },
    });
  });
});
