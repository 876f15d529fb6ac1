import { describe, expect, it } from 'vitest';
import { findAdapter, resolveModel, type ServedModels } from '../../server/model-names.ts';
import { tinyAdapter } from '../support/tiny-whisper.ts';

const SERVED: ServedModels = {
  base: 'whisper-base',
  aliases: ['whisper-1', 'nova-*'],
  adapters: [
    tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' }),
    tinyAdapter({ name: 'greek-stamps', version: '1.10.0', seed: 2, language: 'el' }),
    tinyAdapter({ name: 'medical', seed: 3 }),
  ],
};
const resolve = (asked: Parameters<typeof resolveModel>[0]) => resolveModel(asked, SERVED);

describe('a model', () => {
  it("is the base without adapter by the base's name", () => {
    expect(resolve({ model: 'whisper-base' })).toBeNull();
  });

  it('is routed by its language when it is left out, or is an alias', () => {
    for (const model of [undefined, '', 'whisper-1', 'nova-2', 'nova-']) expect(resolve({ model })).toBeUndefined();
  });

  it('is an adapter by its name, with or without version', () => {
    expect(resolve({ model: 'greek-stamps' })).toBe('greek-stamps');
    expect(resolve({ model: 'greek-stamps@1.0.0' })).toBe('greek-stamps@1.0.0');
  });

  it('is not found otherwise, and the refusal lists what there is', () => {
    for (const model of ['whisper-10', 'whisper', 'nova', 'Whisper-base', 'greek-stamps@2.0.0', 'auto', 'none']) {
      expect(() => resolve({ model })).toThrow(
        expect.objectContaining({
          code: 'model_not_found',
          param: 'model',
          message: expect.stringMatching(
            /whisper-base, greek-stamps@1\.0\.0, greek-stamps@1\.10\.0, medical@1\.0\.0, whisper-1, nova-\*/,
          ),
        }),
      );
    }
  });
});

describe('an adapter', () => {
  it('goes before what base, alias or no model says', () => {
    for (const model of [undefined, 'whisper-1', 'whisper-base']) {
      expect(resolve({ model, adapter: 'medical' })).toBe('medical');
      expect(resolve({ model, adapter: null })).toBeNull();
      expect(resolve({ model, adapter: 'none' })).toBeNull();
      expect(resolve({ model, adapter: 'auto' })).toBeUndefined();
    }
  });

  it('may be named by the model too, if it is the same one; the version that is named holds', () => {
    expect(resolve({ model: 'greek-stamps', adapter: 'greek-stamps' })).toBe('greek-stamps');
    expect(resolve({ model: 'greek-stamps', adapter: 'greek-stamps@1.0.0' })).toBe('greek-stamps@1.0.0');
    expect(resolve({ model: 'greek-stamps@1.0.0', adapter: 'greek-stamps' })).toBe('greek-stamps@1.0.0');
  });

  it('is refused when the model names another', () => {
    const asked = [
      { model: 'greek-stamps', adapter: 'medical' },
      { model: 'greek-stamps@1.0.0', adapter: 'greek-stamps@1.10.0' },
      { model: 'medical', adapter: null },
      { model: 'medical', adapter: 'auto' },
    ];
    for (const both of asked)
      expect(() => resolve(both)).toThrow(expect.objectContaining({ code: 'request_invalid', param: 'adapter' }));
  });

  it('is not found under a name that is not loaded, whatever the model', () => {
    for (const adapter of ['klingon', 'medical@2.0.0', '', 'whisper-base']) {
      expect(() => resolve({ model: 'whisper-base', adapter })).toThrow(
        expect.objectContaining({
          code: 'adapter_not_found',
          param: 'adapter',
          message: expect.stringContaining('medical@1.0.0'),
        }),
      );
    }
  });
});

it('finds the highest version of a name', () => {
  expect(findAdapter('greek-stamps', SERVED.adapters)?.id).toBe('greek-stamps@1.10.0');
  expect(findAdapter('klingon', SERVED.adapters)).toBeNull();
});
