import { describe, expect, it } from 'vitest';
import { writeAdapter } from '../../adapters/write-adapter.ts';
import { ownAdapters, publishedFor } from '../../server/chosen-adapters.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { tinyAdapter } from '../support/tiny-whisper.ts';

const newFolder = temporaryFolders();

describe('the adapters that are loaded', () => {
  it('are those of the folders that are named', () => {
    const folder = newFolder();
    writeAdapter(`${folder}/one`, tinyAdapter({ name: 'one', seed: 1 }));
    expect(ownAdapters([folder]).map(({ id }) => id)).toEqual(['one@1.0.0']);
  });

  it('come from no folder where published or none is named', () => {
    expect(ownAdapters(['published', 'none'])).toEqual([]);
  });

  it('are refused where a folder holds none', () => {
    const folder = newFolder();
    expect(() => ownAdapters([folder])).toThrow(expect.objectContaining({ code: 'file_not_found' }));
  });

  it('are not the published ones for weights that these were not made for, nor where nobody asks for them', () => {
    expect(publishedFor({ digest: `sha256:${'0'.repeat(64)}` }, ['published'])).toEqual([]);
    expect(publishedFor({ digest: `sha256:${'0'.repeat(64)}` }, ['somewhere'])).toEqual([]);
  });
});
