import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  REFUSED_FIELDS,
  transcriptionRequestSchema,
  translationRequestSchema,
} from '../../../server/protocol/audio-requests.ts';

const document = await readFile(new URL('../../../docs/protocols.md', import.meta.url), 'utf8');
const [, section = ''] = /^## OpenAI: recordings$([\s\S]*?)^## /m.exec(document) ?? [];
const rows = [...section.matchAll(/^\| `(\w+)` \| (yes|refused) \| (yes|refused) \|/gm)];

const TRANSCRIPTIONS = Object.keys(transcriptionRequestSchema.shape);
const TRANSLATIONS = Object.keys(translationRequestSchema.shape);

describe('docs/protocols.md', () => {
  it('has every field that a recording may come with, and no other', () => {
    expect(rows.map(([, field = '']) => field).sort()).toEqual([...TRANSCRIPTIONS, ...REFUSED_FIELDS].sort());
  });

  it('says which of them transcriptions and translations take', () => {
    for (const [, field = '', transcriptions, translations] of rows) {
      expect([field, transcriptions]).toEqual([field, TRANSCRIPTIONS.includes(field) ? 'yes' : 'refused']);
      expect([field, translations]).toEqual([field, TRANSLATIONS.includes(field) ? 'yes' : 'refused']);
    }
  });
});
