import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EvalRun, evalReport } from '../../../../bench/wer/eval-report.ts';
import { html } from '../../../../bench/wer/report/markup.ts';
import { reportPage } from '../../../../bench/wer/report/report-page.ts';
import { alignmentMarkup, worstUtterances } from '../../../../bench/wer/report/worst-utterances.ts';
import { writeReport } from '../../../../bench/wer/report/write-report.ts';
import { temporaryFolders } from '../../../support/temporary-folder.ts';
import { heard, samplesOf, utterance } from '../spoken-utterances.ts';

const newFolder = temporaryFolders();
const EVIL = '<script>alert("1")</script> & \'uno\'';
const utterances = [
  utterance({ id: 'es/good', text: 'uno' }),
  utterance({ id: 'es/bad', text: EVIL }),
  utterance({ id: 'es/worse', text: 'uno dos tres cuatro cinco seis siete' }),
];
const texts = ['uno', `${EVIL} <img src=x onerror=alert(1)>`, null];
const RUN: EvalRun = {
  utterances,
  ours: [{ name: 'base', title: 'base <b>', heard: utterances.map((one, index) => heard(one, texts[index] ?? null)) }],
  peers: [],
};
const report = evalReport(RUN, { seed: 1, resamples: 100 });
const shown = worstUtterances(RUN, 5);
const page = { run: RUN, report, shown, facts: [['Corpus', EVIL]] } as const;

describe('the page of a report', () => {
  const text = reportPage(page);

  it('escapes everything that comes from texts and names', () => {
    expect(text).not.toMatch(/<script|<img|<b>/);
    expect(text).toContain('&#60;script&#62;');
  });

  it('needs no other file but the recordings beside it', () => {
    const sources = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
    expect(sources).toEqual(['audio/es-1.wav', 'audio/es-2.wav']);
    expect(text).not.toMatch(/https?:|url\(|@import/);
  });

  it('closes what it opens', () => {
    for (const element of ['table', 'tr', 'td', 'article', 'svg', 'figure', 'audio', 'p', 'ins', 'del']) {
      const [opened, closed] = [new RegExp(`<${element}[ >]`, 'g'), new RegExp(`</${element}>`, 'g')];
      expect([element, text.match(closed)?.length]).toEqual([element, text.match(opened)?.length]);
    }
  });

  it('says in words what its drawings show, and has a language for each text', () => {
    expect(text.match(/<svg(?![^>]*(?:aria-label|aria-hidden))/g)).toBeNull();
    expect(text).toContain('<h4 lang="es">');
  });
});

describe('the worst utterances', () => {
  it('have the most errors, and none is without', () => {
    expect(shown.map(({ index }) => index)).toEqual([2, 1]);
    expect(worstUtterances(RUN, 1)).toHaveLength(1);
  });

  it('are shown word by word', () => {
    expect(alignmentMarkup('Un sombrero, azul', 'un sombrío claro azul').markup.trim()).toBe(
      '<span>un</span> <ins class="insertion">sombrío</ins> <span class="substitution"><ins>claro</ins> <del>sombrero</del></span> <span>azul</span>',
    );
  });
});

describe('markup', () => {
  it('escapes values, and leaves markup as it is', () => {
    const part = html`<i>${'<'}</i>`;
    expect(html`<p title="${'"'}">${part}${[part, part]}${1}</p>`.markup).toBe(
      '<p title="&#34;"><i>&#60;</i><i>&#60;</i><i>&#60;</i>1</p>',
    );
  });
});

describe('a written report', () => {
  it('is a folder with the page, the numbers, a line for each utterance, and recordings', async () => {
    const folder = join(newFolder(), 'new');
    await writeReport({ ...page, folder, document: { all: report.all }, samplesOf });
    expect(readdirSync(folder).sort()).toEqual(['audio', 'report.html', 'summary.json', 'utterances.jsonl']);
    expect(readdirSync(join(folder, 'audio'))).toEqual(['es-1.wav', 'es-2.wav']);
    expect(readFileSync(join(folder, 'audio', 'es-1.wav')).length).toBe(44 + 2 * 16_000);
    const lines = readFileSync(join(folder, 'utterances.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] as string)).toMatchObject({
      id: 'es/worse',
      reference: 'uno dos tres cuatro cinco seis siete',
      systems: { base: { text: null, words: { deletions: 7 }, alignment: [['uno', null], ['dos', null], {}, {}, {}, {}, {}] } },
    });
  });

  it('names the folder that cannot be written', async () => {
    const writing = writeReport({ ...page, folder: '/dev/null/report', document: {}, samplesOf });
    await expect(writing).rejects.toMatchObject({ code: 'cache_unwritable' });
  });
});
