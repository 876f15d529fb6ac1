import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  forgetHeard,
  loggedSteps,
  readHeard,
  readTrained,
  writeHeard,
  writeTrained,
} from '../../../../bench/benches/adapter-kinds/cell-cache.ts';
import { temporaryFolders } from '../../../support/temporary-folder.ts';
import { heard, utterance } from '../../wer/spoken-utterances.ts';

const newFolder = temporaryFolders();
const [first, second, silent] = [
  utterance({ id: 'es/1', text: 'uno dos' }),
  utterance({ id: 'es/2', text: 'tres' }),
  utterance({ id: 'es/3', text: '…' }),
];
const HEARD = [heard(first, 'uno tres', { trips: ['repetition'] }), heard(second, null), heard(silent, 'cuatro')];

describe('the cache of a cell', () => {
  it('knows a training that has ended, and no other', () => {
    const folder = join(newFolder(), 'flora-1');
    expect(readTrained(folder)).toBeNull();
    writeTrained(folder, { steps: 330, secondsAStep: null, devWers: [0.2, 0.3] });
    expect(readTrained(folder)).toEqual({ steps: 330, secondsAStep: null, devWers: [0.2, 0.3] });
    writeFileSync(join(folder, 'trained.json'), '{"steps": 3');
    expect(readTrained(folder)).toBeNull();
  });

  it('counts the steps of a training that was continued', () => {
    const folder = newFolder();
    expect(loggedSteps(folder)).toBe(0);
    const events = [
      { type: 'step', step: 101 },
      { type: 'measurement', step: 200 },
      { type: 'step', step: 102 },
    ];
    writeFileSync(join(folder, 'training.jsonl'), `${events.map((event) => JSON.stringify(event)).join('\n')}\n{"type": "st`);
    expect(loggedSteps(folder)).toBe(102);
  });

  it('gives back what was heard, a line for each utterance', () => {
    const folder = join(newFolder(), 'flora-1');
    const lines = writeHeard(folder, 'abc', HEARD);
    expect(readdirSync(folder)).toEqual(['utterances-abc.jsonl']);
    expect(readHeard(folder, 'abc', [first, second, silent])).toEqual(lines);
    expect(lines[0]).toMatchObject({ id: 'es/1', reference: 'uno dos', words: { substitutions: 1, referenceLength: 2 } });
    expect(lines[0]?.hypothesis).toMatchObject({ text: 'uno tres', trips: ['repetition'] });
    expect(lines[1]).toMatchObject({ words: { deletions: 1 }, hypothesis: { text: null } });
    expect(lines[2]?.words).toBeNull();
  });

  it('has those that are asked for, in their order, or nothing', () => {
    const folder = newFolder();
    writeHeard(folder, 'abc', HEARD);
    expect(readHeard(folder, 'abc', [second, first])?.map(({ id }) => id)).toEqual(['es/2', 'es/1']);
    expect(readHeard(folder, 'abc', [first, utterance({ id: 'es/4' })])).toBeNull();
    writeFileSync(join(folder, 'utterances-abc.jsonl'), '{"id": "es/1"\n');
    expect(readHeard(folder, 'abc', [first])).toBeNull();
  });

  it('keeps what one engine heard, and nothing of adapters that are trained anew', () => {
    const folder = newFolder();
    writeHeard(folder, 'abc', HEARD);
    expect(readHeard(folder, 'def', [first])).toBeNull();
    writeHeard(folder, 'def', HEARD);
    expect(readdirSync(folder)).toEqual(['utterances-def.jsonl']);
    writeTrained(folder, { steps: 1, secondsAStep: 1, devWers: [] });
    forgetHeard(folder);
    expect(readdirSync(folder)).toEqual(['trained.json']);
  });

  it('names the folder that cannot be written', () => {
    const trained = { steps: 1, secondsAStep: 1, devWers: [] };
    expect(() => writeTrained('/dev/null/cell', trained)).toThrow(expect.objectContaining({ code: 'output_unwritable' }));
  });
});
