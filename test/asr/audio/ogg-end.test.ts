import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { endsWithinOggPage, isOgg } from '../../../asr/audio/ogg-end.ts';

const file = await readFile(new URL('../../fixtures/speech/es-woman-nurse.ogg', import.meta.url));
const lastPage = file.lastIndexOf('OggS');

describe('the end of an Ogg file', () => {
  it('is whole after a page, whatever follows', () => {
    expect(isOgg(file)).toBe(true);
    expect(endsWithinOggPage(file)).toBe(false);
    expect(endsWithinOggPage(file.subarray(0, lastPage))).toBe(false);
    expect(endsWithinOggPage(Buffer.concat([file, Buffer.from('TAG')]))).toBe(false);
  });

  it('is cut within a header, its lacing, or its payload', () => {
    for (const at of [lastPage + 4, lastPage + 26, lastPage + 28, file.length - 1]) {
      expect(endsWithinOggPage(file.subarray(0, at)), `${at}`).toBe(true);
    }
  });

  it('is not looked for where there is no page', () => {
    expect(isOgg(Buffer.from('fLaC'))).toBe(false);
    expect(endsWithinOggPage(Buffer.from('no page'))).toBe(false);
    expect(endsWithinOggPage(new Uint8Array(0))).toBe(false);
  });
});
