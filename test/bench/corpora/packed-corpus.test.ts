import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPackedCorpus, packedIndexText } from '../../../bench/corpora/packed-corpus.ts';

const LEFT_OUT = { noText: 0, undecodable: 0, tooShort: 0, tooLong: 0 };

describe('a packed corpus', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-corpus-'));
    const shared = { text: 'Un gat.', split: 'test', spoken: true } as const;
    const utterances = [
      { ...shared, id: 'b', audioPath: 'b.ogg', language: 'ca', firstSample: 0, samples: 3 },
      { ...shared, id: 'a2', audioPath: 'a2.ogg', language: 'ca', firstSample: 3, samples: 2, speaker: 'one' },
      { ...shared, id: 'a_', audioPath: 'a_.ogg', language: 'es', firstSample: 0, samples: 1 },
      { ...shared, id: 'c', audioPath: 'c.ogg', language: 'es', split: 'train' as const, firstSample: 1, samples: 1 },
    ];
    const index = { name: 'small', source: 'a test', languages: ['ca', 'es'], leftOut: { ca: LEFT_OUT }, utterances };
    await writeFile(join(folder, 'index.json'), packedIndexText(index));
    await writeFile(join(folder, 'ca.pcm'), Buffer.from(Int16Array.of(0, 16_384, -32_768, 8_192, 1).buffer));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('gives its utterances by path, all or of some languages and a split', () => {
    const corpus = openPackedCorpus(folder, 'pull it');
    const ids = (selection?: Parameters<typeof corpus.utterances>[0]) => corpus.utterances(selection).map(({ id }) => id);
    expect(ids()).toEqual(['a2', 'a_', 'b', 'c']);
    expect(ids({ languages: ['ca'] })).toEqual(['a2', 'b']);
    expect(ids({ languages: ['es', 'ca'], split: 'test' })).toEqual(['a2', 'a_', 'b']);
  });

  it("reads an utterance's own samples, between -1 and 1", () => {
    const corpus = openPackedCorpus(folder, 'pull it');
    const [second, first] = corpus.utterances({ languages: ['ca'] });
    if (first === undefined || second === undefined) throw new Error('two utterances were written');
    expect([...corpus.samples(first)]).toEqual([0, 0.5, -1]);
    expect([...corpus.samples(second)]).toEqual([0.25, 1 / 32_768]);
    expect(second).toMatchObject({ speaker: 'one', durationSeconds: 2 / 16_000 });
  });

  it('says so when its samples are cut short', async () => {
    await truncate(join(folder, 'ca.pcm'), 8);
    const corpus = openPackedCorpus(folder, 'pull it');
    const [second] = corpus.utterances({ languages: ['ca'] });
    if (second === undefined) throw new Error('two utterances were written');
    expect(() => corpus.samples(second)).toThrow(expect.objectContaining({ code: 'audio_truncated' }));
  });

  it('names the remedy when it is missing or of another format', async () => {
    const missing = expect.objectContaining({ code: 'corpus_not_found', message: expect.stringContaining('pull it') });
    expect(() => openPackedCorpus(join(folder, 'none'), 'pull it')).toThrow(missing);
    await writeFile(join(folder, 'index.json'), '{"format": 0}');
    expect(() => openPackedCorpus(folder, 'pull it')).toThrow(missing);
  });
});
