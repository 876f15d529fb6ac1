import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../asr/process/run-program.ts';
import { corpusDigest } from '../../../bench/corpora/corpus-digest.ts';
import { corpusStats, corpusStatsText } from '../../../bench/corpora/corpus-stats.ts';
import { openCorpus } from '../../../bench/corpora/open-corpus.ts';
import { problemText } from '../../../bench/corpora/own-corpus.ts';
import { waveFile } from '../../asr/audio/wave-files.ts';

let folder: string;
let problems: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flora-asr-own-'));
  problems = [];
});
afterEach(async () => rm(folder, { recursive: true }));

/** Below the test's folder. */
async function write(path: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** A recording that goes up by a step at each sample, so that a cut can be told from its values. */
function ramp(seconds: number, sampleRateHz = 16_000): Uint8Array {
  const samples = Int16Array.from({ length: seconds * sampleRateHz }, (_, i) => i % 32_768);
  return waveFile(samples, { sampleRateHz });
}

function open(path: string, options: { language?: string; languages?: readonly string[]; onProgress?: () => void } = {}) {
  const env = { ...process.env, FLORA_ASR_CACHE: join(folder, 'cache') };
  const onProblem = (problem: Parameters<typeof problemText>[0]) =>
    problems.push(problemText(problem).replaceAll(`${folder}/`, ''));
  return openCorpus(path, { env, onProblem, ...options });
}

describe('a JSONL manifest', () => {
  it('gives utterances with speaker, split and cut, and names what it cannot use by file and line', async () => {
    await write('audio/a.wav', ramp(2));
    await write('audio/bad.wav', 'no audio');
    const lines = [
      { audio: 'audio/a.wav', text: ' Ένα,  δύο. ', language: 'el-GR', speaker: 'maria', split: 'test' },
      { audio: 'audio/a.wav', text: 'Δύο.', language: 'el', start: 0.5, end: 1 },
      { audio: 'audio/a.wav', text: '  ', language: 'el' },
      { audio: 'audio/none.wav', text: 'Τρία.', language: 'el' },
      { audio: 'audio/a.wav', text: 'Kaksi.', language: 'tlh' },
      { audio: 'audio/bad.wav', text: 'Τρία.', language: 'el' },
      { audio: 'audio/a.wav', text: 'Τρία.', language: 'el', start: 1.5, end: 2.5 },
      { audio: 'audio/a.wav', text: 'Τρία.', language: 'el', start: 1, end: 1 },
      { audio: 'audio/a.wav', language: 'el' },
      { audio: 'audio/a.wav', text: 'Ένα, δύο.', language: 'el' },
      { audio: 'audio/a.wav', text: 'Δύο.', language: 'el', start: 1, end: 1.05 },
    ];
    const manifest = await write('own.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n{"audio"\n`);
    const corpus = await open(manifest);
    const [whole, cut, ...more] = corpus.utterances();
    if (whole === undefined || cut === undefined) throw new Error('two utterances can be used');
    expect(more).toEqual([]);
    expect(whole).toMatchObject({ text: 'Ένα, δύο.', language: 'el', split: 'test', speaker: 'maria', durationSeconds: 2 });
    expect(cut).toMatchObject({ id: 'audio/a.wav#0.5-1', text: 'Δύο.', durationSeconds: 0.5 });
    expect(corpus.samples(cut)[0]).toBeCloseTo(8_000 / 32_768, 4);
    expect(problems.sort()).toEqual([
      'own.jsonl:10: audio/a.wav was listed before',
      'own.jsonl:11: audio/a.wav lasts 0.05 s; the shortest is 0.1 s',
      'own.jsonl:13: it is not JSON: expected {"audio": "…", "text": "…", "language": "el"}',
      'own.jsonl:3: there is no text for audio/a.wav',
      'own.jsonl:4: there is no audio audio/none.wav',
      `own.jsonl:5: "tlh" is no language of Whisper's, such as el or es-419`,
      'own.jsonl:6: audio/bad.wav cannot be decoded, or holds no samples',
      'own.jsonl:7: audio/a.wav has 2.00 s; asked for is what lies from 1.5 s to 2.5',
      'own.jsonl:8: it ends at 1 s, and starts at 1 s',
      'own.jsonl:9: text: Invalid input: expected string, received undefined',
    ]);
    expect(corpus.leftOut).toEqual({
      el: { noText: 1, missing: 1, undecodable: 1, malformed: 2, repeated: 1, tooShort: 1 },
      und: { languageUnknown: 1, malformed: 2 },
    });
    expect(corpusStatsText(corpusStats(corpus))).toContain('el          test        1           1           1           0');
  });

  it('is decoded once, and again when a line or a file changes', async () => {
    await write('a.wav', ramp(1));
    const manifest = await write(
      'own.jsonl',
      '{"audio": "a.wav", "text": "Un.", "language": "ca"}\n{"audio": "b.wav", "text": "Dos."}',
    );
    let decoded = 0;
    const onProgress = () => {
      decoded += 1;
    };
    const first = await open(manifest, { onProgress });
    const again = await open(manifest, { onProgress });
    expect(decoded).toBe(1);
    // what is wrong is told at each time
    expect(problems).toEqual([0, 1].map(() => 'own.jsonl:2: it names no language; give one for all with --language'));
    const digest = corpusDigest(first, first.utterances());
    expect(corpusDigest(again, again.utterances())).toBe(digest);
    await write('a.wav', ramp(1.5));
    const changed = await open(manifest, { onProgress });
    expect(decoded).toBe(2);
    expect(corpusDigest(changed, changed.utterances())).not.toBe(digest);
    expect(await readdir(join(folder, 'cache', 'corpora'))).toHaveLength(1);
  });

  it('of which nothing can be used is an error that says why', async () => {
    const manifest = await write('own.jsonl', '{"audio": "b.wav", "text": "Dos.", "language": "ca"}');
    const message = expect.stringContaining('own.jsonl:1: there is no audio b.wav');
    await expect(open(manifest)).rejects.toMatchObject({ code: 'argument_invalid', message });
    expect(problems).toHaveLength(1);
  });

  it('keeps a speaker in one split', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await write(`${name}.wav`, ramp(0.5));
    const lines = ['a', 'b', 'c', 'd'].map((name) => ({ audio: `${name}.wav`, text: 'Un.', language: 'ca', speaker: 'jordi' }));
    const corpus = await open(await write('own.jsonl', lines.map((line) => JSON.stringify(line)).join('\n')));
    expect(new Set(corpus.utterances().map(({ split }) => split)).size).toBe(1);
  });

  it('leaves out what is longer than Whisper hears at once', async () => {
    await write('a.wav', ramp(31, 8_000));
    await write('b.wav', ramp(1, 8_000));
    const lines = ['a', 'b'].map((name) => ({ audio: `${name}.wav`, text: 'Un.' }));
    const manifest = await write('own.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const corpus = await open(manifest, { language: 'ca' });
    expect(corpus.utterances().map(({ id }) => id)).toEqual(['b.wav']);
    expect(problems).toEqual(['own.jsonl:1: a.wav is longer than 30 s: list its parts, with start and end']);
  });
});

describe('a TSV manifest', () => {
  it('names its columns in its first line', async () => {
    await write('a.wav', ramp(2));
    const lines = [
      'Path\tSentence\tstart\tend\tsplit',
      'a.wav\t"Un ""gat""."\t\t\tdev',
      'a.wav\tDos "gats".\t1\t2\t',
      'a.wav\tTres.',
      'a.wav\tUn.\tx\t\t',
    ];
    const corpus = await open(await write('own.tsv', lines.join('\r\n')), { language: 'ca' });
    expect(corpus.utterances().map(({ text, durationSeconds }) => [text, durationSeconds])).toEqual([
      ['Un "gat".', 2],
      ['Dos "gats".', 1],
    ]);
    expect(corpus.utterances({ split: 'dev' })).toHaveLength(1);
    expect(problems).toEqual([
      'own.tsv:4: it has another number of fields than the first line, 5',
      'own.tsv:5: start and end are to be seconds, 0 or more',
    ]);
  });

  it('without the columns it needs is refused', async () => {
    const refused = open(await write('own.tsv', 'a.wav\tUn gat.\n'));
    await expect(refused).rejects.toMatchObject({ code: 'argument_invalid', message: expect.stringContaining('own.tsv:1:') });
  });
});

describe('a folder', () => {
  const COMMON_VOICE = 'client_id\tpath\tsentence\tlocale\n';

  it('of Common Voice gives its three splits, with speakers', async () => {
    for (const name of ['one', 'two', 'three']) await write(`ca/clips/${name}.wav`, ramp(0.5));
    await write('ca/train.tsv', `${COMMON_VOICE}s1\tone.wav\tUn.\tca\n`);
    await write('ca/dev.tsv', `${COMMON_VOICE}s2\ttwo.wav\tDos.\tca\n`);
    await write('ca/test.tsv', `${COMMON_VOICE}s3\tthree.wav\tTres.\tca\ns3\tfour.wav\tQuatre.\tca\n`);
    const corpus = await open(join(folder, 'ca'));
    expect(corpus.utterances().map(({ text, split, speaker }) => [text, split, speaker])).toEqual([
      ['Un.', 'train', 's1'],
      ['Tres.', 'test', 's3'],
      ['Dos.', 'dev', 's2'],
    ]);
    expect(problems).toEqual(['ca/test.tsv:3: there is no audio ca/clips/four.wav']);
    expect((await open(folder)).utterances()).toHaveLength(3);
  });

  it('of FLEURS gives the texts as they were written, from archives or folders', async () => {
    const line = (name: string) => `12\t${name}\tΈνα, δύο.\tένα δύο\tέ|ν|α\t8000\tFEMALE\n`;
    const languageFolder = join(folder, 'data', 'el_gr');
    await write('data/el_gr/audio/train/one.wav', ramp(0.5));
    await runProgram('tar', ['-czf', 'train.tar.gz', 'train'], { cwd: join(languageFolder, 'audio') });
    await rm(join(languageFolder, 'audio', 'train'), { recursive: true });
    await write('data/el_gr/audio/test/two.wav', ramp(0.5));
    await write('data/el_gr/train.tsv', `${line('one.wav')}12\tbroken\n`);
    await write('data/el_gr/test.tsv', line('two.wav'));
    await write('data/ca_es/audio/test/three.wav', ramp(0.5));
    await write('data/ca_es/test.tsv', line('three.wav'));
    const corpus = await open(folder, { languages: ['el'] });
    expect(corpus.utterances().map(({ id, text, language, split }) => [id, text, language, split])).toEqual([
      ['el_gr/test/two.wav', 'Ένα, δύο.', 'el', 'test'],
      ['el_gr/train/one.wav', 'Ένα, δύο.', 'el', 'train'],
    ]);
    expect(problems).toEqual(['data/el_gr/train.tsv:2: it has 2 fields; FLEURS has id, file name, texts, …']);
  });

  it('of recordings with their texts beside them is a corpus too', async () => {
    await write('ca/a.wav', ramp(0.5));
    await write('ca/a.txt', 'Un gat.\n');
    await write('ca/b.wav', ramp(0.5));
    await write('ca/notes.md', 'no audio');
    await write('c.wav', ramp(0.5));
    const corpus = await open(folder);
    expect(corpus.utterances()).toMatchObject([{ id: 'ca/a.wav', text: 'Un gat.', language: 'ca' }]);
    expect(problems).toEqual([
      'c.wav: it names no language; give one for all with --language',
      'ca/b.wav: there is no text for ca/b.wav',
    ]);
  });
});

describe('what is no corpus', () => {
  it('is told from what was not pulled', async () => {
    await expect(open(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'file_not_found' });
    const pull = expect.stringContaining('npm run corpus -- pull asterisk');
    await expect(open('asterisk')).rejects.toMatchObject({ code: 'corpus_not_found', message: pull });
    await expect(open(await write('own.csv', 'a'))).rejects.toMatchObject({ code: 'argument_invalid' });
    const klingon = open(await write('own.jsonl', ''), { language: 'tlh' });
    await expect(klingon).rejects.toMatchObject({ code: 'language_unknown' });
  });
});
