import { describe, expect, it } from 'vitest';
import { requireAdaptersFrom } from '../../../adapters/load-adapters-from.ts';
import { randomAdapter } from '../../../bench/random-adapter.ts';
import { chooseAdapters } from '../../../bench/wer/choose-adapters.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { TINY_BASE } from '../../support/tiny-whisper.ts';

const newFolder = temporaryFolders();

function adapter(name: string, language: string | null, version = '1.0.0') {
  const common = { base: TINY_BASE, targets: [], rank: 1, scale: 0, seed: 1, contextPolicy: null } as const;
  const target = { name: 'model.encoder.layers.0.fc1', inDim: 2, outDim: 2 };
  return randomAdapter({ ...common, targets: [target], name, language, version });
}

describe('the adapters of an evaluation', () => {
  it('are those of the languages, in their highest version; a language may have none', () => {
    const adapters = [adapter('greek', 'el'), adapter('greek', 'el', '1.1.0'), adapter('spanish', 'es')];
    const chosen = chooseAdapters(adapters, ['el', 'fr'], null);
    expect([...chosen].map(([language, { id }]) => [language, id])).toEqual([['el', 'greek@1.1.0']]);
  });

  it('are refused where two serve one language, unless one is named', () => {
    const rivals = [adapter('greek', 'el'), adapter('greek-two', 'el')];
    expect(() => chooseAdapters(rivals, ['el'], null)).toThrow(expect.objectContaining({ code: 'adapter_ambiguous' }) as Error);
    expect(chooseAdapters(rivals, ['el'], 'greek-two').get('el')?.id).toBe('greek-two@1.0.0');
  });

  it('that are named hear every language, and have to be there', () => {
    const chosen = chooseAdapters([adapter('greek', 'el')], ['el', 'es'], 'greek');
    expect([...chosen.keys()]).toEqual(['el', 'es']);
    expect(() => chooseAdapters([], ['el'], 'greek')).toThrow(expect.objectContaining({ code: 'adapter_not_found' }) as Error);
  });

  it('have to be in the folder that was named', () => {
    expect(() => requireAdaptersFrom(newFolder())).toThrow(expect.objectContaining({ code: 'file_not_found' }) as Error);
  });
});
