import type { EvalReport, EvalRun, SetReport } from '../eval-report.ts';
import { changeTexts, DETAIL_COLUMNS, werText } from '../score-texts.ts';
import type { SystemScores } from '../system-scores.ts';
import { type BarGroup, barChart, type EditBar, editChart } from './charts.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { PAGE_STYLE } from './page-style.ts';
import { type ShownUtterance, utteranceMarkup } from './worst-utterances.ts';

export interface ReportPage {
  readonly run: EvalRun;
  readonly report: EvalReport;
  readonly shown: readonly ShownUtterance[];
  /** what was measured, in a line each */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

type SetName = 'all' | 'spoken';

/** A page of its own: style and drawings are in it, only recordings lie beside it. */
export function reportPage({ run, report, shown, facts }: ReportPage): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Word error rates</title><style>${{ markup: PAGE_STYLE }}</style></head><body>
<h1>Word error rates</h1>
<table><caption>What was measured</caption>${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>
${setSection('Utterances whose text can have been said in the time', 'spoken', run, report)}
${setSection('All utterances', 'all', run, report)}
<h2>Details of all utterances</h2><div class="scroll">${detailTable(run, report)}</div>
<h2>The worst utterances</h2>
<p class="about">Words as they are compared. <span class="substitution"><ins>heard</ins> <del>said</del></span>: one for the other;
<del class="deletion">said</del>: not heard; <ins class="insertion">heard</ins>: not said.</p>
${worstSections(shown, run)}
</body></html>
`;
  return page.markup;
}

function setSection(title: string, set: SetName, run: EvalRun, report: EvalReport): Markup {
  const groups = Object.keys(report[set].languages).map((language): BarGroup => {
    const bars = scoresIn(language, set, run, report).flatMap((scores, series) =>
      scores === undefined ? [] : [{ series, value: scores.wer, interval: scores.interval }],
    );
    return { title: language, bars };
  });
  return html`<h2>${title}</h2>
<div class="scroll">${werTable(set, run, report)}</div>
<figure>${barChart(groups, `WER by language and system; the table above has the numbers`)}
<figcaption>WER in % with 95 % intervals. ${legend(run)}</figcaption></figure>
<figure>${editChart(editBars(set, run, report), 'Substitutions, deletions and insertions by language and system')}
<figcaption>Errors as shares of the words: ${key('substitutions', 'substitutions')} ${key('deletions', 'deletions')} ${key('insertions', 'insertions')}</figcaption></figure>
`;
}

function werTable(set: SetName, run: EvalRun, report: EvalReport): Markup {
  const systems = systemsOf(run);
  const { languages, macro, pooled } = report[set];
  const row = (name: string, cells: readonly string[], comparison: SetReport['macro']['comparison']) => {
    return html`<tr><th scope="row">${name}</th>${[...cells, ...changeTexts(comparison)].map((cell) => html`<td>${cell}</td>`)}</tr>`;
  };
  const rows = Object.entries(languages).map(([language, { comparison }]) =>
    row(language, scoresIn(language, set, run, report).map(werText), comparison),
  );
  const totals = (which: 'macro' | 'pooled') =>
    systems.map(({ name }) =>
      werText(name === 'base' || name === 'adapter' ? report[set][which][name] : report.peers[name]?.[set][which]),
    );
  return html`<table><caption>WER in %, normalised, with 95 % intervals; change of the adapter against the base model, and its p value</caption>
<tr><td></td>${[...systems.map(({ title }) => title), 'change', 'p'].map((title) => html`<th scope="col">${title}</th>`)}</tr>
${rows}${row('mean of languages', totals('macro'), macro.comparison)}${row('all as one', totals('pooled'), pooled.comparison)}</table>`;
}

function detailTable(run: EvalRun, report: EvalReport): Markup {
  const rows = Object.keys(report.all.languages).flatMap((language) =>
    scoresIn(language, 'all', run, report).map((scores, index) =>
      scores === undefined
        ? NOTHING
        : html`<tr><th scope="row">${language} ${systemsOf(run)[index]?.title ?? ''}</th>${DETAIL_COLUMNS.map(({ text }) => html`<td>${text(scores)}</td>`)}</tr>`,
    ),
  );
  return html`<table><caption>Rates in %</caption><tr><td></td>${DETAIL_COLUMNS.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr>${rows}</table>`;
}

function worstSections(shown: readonly ShownUtterance[], run: EvalRun): Markup {
  const languages = [...new Set(shown.map(({ language }) => language))];
  return html`${languages.map((language) => {
    const own = shown.filter((one) => one.language === language);
    return html`<h3>${language}</h3>${own.map((one) => utteranceMarkup(one, run))}`;
  })}`;
}

function editBars(set: SetName, run: EvalRun, report: EvalReport): readonly EditBar[] {
  return Object.keys(report[set].languages).flatMap((language) =>
    scoresIn(language, set, run, report).flatMap((scores, index) => {
      if (scores === undefined || scores.words === 0) return [];
      const share = (edits: number) => edits / scores.words;
      const { substitutions, deletions, insertions } = scores;
      return [
        {
          title: `${language} ${systemsOf(run)[index]?.title ?? ''}`,
          substitutions: share(substitutions),
          deletions: share(deletions),
          insertions: share(insertions),
        },
      ];
    }),
  );
}

/** Of a language, in the order of the systems. */
function scoresIn(language: string, set: SetName, run: EvalRun, report: EvalReport): readonly (SystemScores | undefined)[] {
  return systemsOf(run).map(({ name }) =>
    name === 'base' || name === 'adapter'
      ? report[set].languages[language]?.[name]
      : report.peers[name]?.[set].languages[language],
  );
}

function systemsOf({ ours, peers }: EvalRun) {
  return [...ours, ...peers];
}

function legend(run: EvalRun): Markup {
  return html`${systemsOf(run).map(({ title }, series) => key(`s${series}`, title))}`;
}

function key(className: string, title: string): Markup {
  return html`<svg class="key" viewBox="0 0 1 1" aria-hidden="true"><rect class="${className}" width="1" height="1"/></svg>${title}`;
}
