import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hearThroughCache } from '../../../bench/wer/eval-system.ts';
import { missingHypothesis, textHypothesis } from '../../../bench/wer/hypothesis.ts';
import { openTranscriptCache } from '../../../bench/wer/transcript-cache.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { samplesOf, utterance } from './spoken-utterances.ts';

const newFolder = temporaryFolders();
const samples = Float32Array.of(0.5, -0.5);
const key = { system: { model: 'a', beams: 1 }, language: 'es', samples };
const hypothesis = textHypothesis('uno', { seconds: 0.25, trips: ['repetition'] });

describe('the cache of transcripts', () => {
  it('gives back what was kept, to another process too', async () => {
    const folder = newFolder();
    const cache = openTranscriptCache(folder);
    await cache.keep(key, hypothesis);
    expect(await cache.find(key)).toEqual(hypothesis);
    expect(await openTranscriptCache(folder).find(key)).toEqual(hypothesis);
  });

  it('tells systems, languages and audio apart', async () => {
    const cache = openTranscriptCache(newFolder());
    await cache.keep(key, hypothesis);
    expect(await cache.find({ ...key, system: { model: 'b', beams: 1 } })).toBeNull();
    expect(await cache.find({ ...key, language: 'el' })).toBeNull();
    expect(await cache.find({ ...key, samples: Float32Array.of(0.5, 0.5) })).toBeNull();
  });

  it('passes over half a line of a process that was killed', async () => {
    const folder = newFolder();
    await openTranscriptCache(folder).keep(key, hypothesis);
    const [file = ''] = readdirSync(folder);
    appendFileSync(join(folder, file), '{"audio":"ab","hypo');
    const cache = openTranscriptCache(folder);
    const other = { ...key, samples: Float32Array.of(1) };
    await cache.keep(other, textHypothesis('dos'));
    const again = openTranscriptCache(folder);
    expect([(await again.find(key))?.text, (await again.find(other))?.text]).toEqual(['uno', 'dos']);
  });

  it('does not keep what has no text: it is tried again', async () => {
    const cache = openTranscriptCache(newFolder());
    await cache.keep(key, missingHypothesis('engine_failed'));
    expect(await cache.find(key)).toBeNull();
  });
});

describe('hearing through the cache', () => {
  it('asks only for what is not there, and keeps what it had before it was interrupted', async () => {
    const utterances = ['a', 'b', 'c'].map((id) => utterance({ id, durationSeconds: 0.01 }));
    const asked: string[][] = [];
    const cached: number[] = [];
    const cache = openTranscriptCache(newFolder());
    const hear = (most: number) =>
      hearThroughCache(
        utterances,
        { cache, samplesOf, keyOf: () => key.system, onCached: (count) => cached.push(count), onDone: () => undefined },
        async (missing, onHeard) => {
          asked.push(missing.map(({ id }) => id));
          for (const one of missing.slice(0, most)) onHeard(one, textHypothesis(one.id));
          if (missing.length > most) throw new Error('interrupted');
        },
      );
    await expect(hear(1)).rejects.toThrow('interrupted');
    expect((await hear(3)).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect((await hear(3)).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect(cached).toEqual([1, 3]);
  });
});
