import { describe, expect, it } from 'vitest';
import { adapterId, parseAdapterReference, parseManifest } from '../../adapters/manifest.ts';
import { codeOf } from './sample-adapters.ts';

const VALID = {
  formatVersion: 1,
  name: 'greek-stamps',
  version: '1.0.0',
  kind: 'flora',
  baseModel: { name: 'whisper-base', digest: `sha256:${'0f'.repeat(32)}` },
  language: 'el',
  targets: { 'model.encoder.layers.0.fc1': { rank: 1 } },
  contextPolicy: { tailPositions: 32, trainedMinMs: 300, trainedMaxMs: 15_000 },
  training: {
    data: { description: 'stamp descriptions read by volunteers', digest: null },
    recipe: { learningRate: 0.006, batch: 6 },
    seed: 1,
    tools: { 'flora-asr': '0.1.0' },
  },
  licence: 'GPL-2.0-only',
};

const parse = (changes: object) => parseManifest(JSON.stringify({ ...VALID, ...changes }), 'el/adapter.json');

describe('parseManifest', () => {
  it('reads a FLoRA manifest and names its version', () => {
    const manifest = parse({});
    expect(manifest).toEqual(VALID);
    expect(adapterId(manifest)).toBe('greek-stamps@1.0.0');
  });

  it('reads a LoRA manifest with and without alpha', () => {
    expect(parse({ kind: 'lora', lora: { alpha: 16 } })).toMatchObject({ kind: 'lora', lora: { alpha: 16 } });
    expect(parse({ kind: 'lora', lora: {} })).toMatchObject({ kind: 'lora', lora: {} });
  });

  it('takes null for what an adapter does not have', () => {
    const manifest = parse({ language: null, contextPolicy: null, training: null });
    expect(manifest).toMatchObject({ language: null, contextPolicy: null, training: null });
    expect(parse({ training: { data: null, recipe: null, seed: null } }).training).toEqual({
      data: null,
      recipe: null,
      seed: null,
    });
  });

  const refusals: readonly (readonly [what: string, changes: object, message: RegExp])[] = [
    ['an unknown field', { colour: 'blue' }, /"colour"/],
    ['an unknown field further down', { baseModel: { ...VALID.baseModel, size: 1 } }, /baseModel: .*"size"/],
    ['LoRA scaling in a FLoRA adapter', { lora: { alpha: 8 } }, /"lora"/],
    ['a LoRA adapter without its scaling', { kind: 'lora' }, /lora: /],
    ['another kind', { kind: 'dora' }, /kind: expected "flora" or "lora"/],
    ['a later format', { formatVersion: 2 }, /formatVersion: this program reads formatVersion 1/],
    ['a name that is not kebab-case', { name: 'Greek Stamps' }, /name: expected lower-case/],
    ['a name that climbs out of its folder', { name: '../el' }, /name: /],
    ['a version that is not semantic', { version: '1.0' }, /version: expected a semantic version/],
    [
      'a digest of another form',
      { baseModel: { name: 'whisper-base', digest: 'md5:1' } },
      /baseModel\.digest: expected "sha256:"/,
    ],
    ['a language that is no tag', { language: 'el_GR' }, /language: expected a BCP-47/],
    ['no language at all', { language: undefined }, /language: /],
    ['no targets', { targets: {} }, /targets: expected at least one target/],
    ['rank 0', { targets: { fc1: { rank: 0 } } }, /targets\.fc1\.rank: /],
    ['a fractional rank', { targets: { fc1: { rank: 1.5 } } }, /targets\.fc1\.rank: /],
    ['a target that is no name', { targets: { 'a/b': { rank: 1 } } }, /targets/],
    [
      'trained lengths the wrong way round',
      { contextPolicy: { tailPositions: 0, trainedMinMs: 2, trainedMaxMs: 1 } },
      /contextPolicy: trainedMinMs must not exceed trainedMaxMs/,
    ],
    ['a licence that is a sentence', { licence: 'do what you like!' }, /licence: expected an SPDX/],
  ];
  for (const [what, changes, message] of refusals) {
    it(`refuses ${what}, naming file and field`, () => {
      expect(() => parse(changes)).toThrow(message);
      expect(() => parse(changes)).toThrow(/el\/adapter\.json/);
      expect(codeOf(() => parse(changes))).toBe('adapter_invalid');
    });
  }

  it('refuses text that is not JSON', () => {
    expect(() => parseManifest('{"name":', 'el/adapter.json')).toThrow(/el\/adapter\.json is not JSON/);
  });

  it('names every field that is wrong', () => {
    expect(() => parse({ version: 'x', licence: '' })).toThrow(/version: .*licence: /);
  });
});

describe('parseAdapterReference', () => {
  it('reads a name with and without its version', () => {
    expect(parseAdapterReference('greek-stamps')).toEqual({ name: 'greek-stamps', version: null });
    expect(parseAdapterReference('greek-stamps@1.0.0-rc.1')).toEqual({ name: 'greek-stamps', version: '1.0.0-rc.1' });
  });

  for (const text of ['', 'Greek', 'greek@', '@1.0.0', 'greek@one', 'greek@1.0.0@2.0.0']) {
    it(`refuses "${text}"`, () => {
      expect(codeOf(() => parseAdapterReference(text))).toBe('argument_invalid');
    });
  }
});
