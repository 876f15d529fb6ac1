import type { Interval } from '../../metrics/bootstrap.ts';
import { rateText } from '../score-texts.ts';
import { html, type Markup, NOTHING } from './markup.ts';

export interface Bar {
  /** place of its system in the legend */
  readonly series: number;
  /** a rate as a fraction */
  readonly value: number;
  readonly interval: Interval;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Edits of one system in one language, as shares of the words. */
export interface EditBar {
  readonly title: string;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
}

const WIDTH = 760;
const LABEL = 190;
const NUMBER = 145;
const BAR = 16;
const GAP = 12;
/** A loop can have a WER of 500 %: longer bars are cut here, and their numbers tell. */
const LONGEST_RATE = 1.5;

/** Horizontal bars in groups, each with its interval as a whisker. */
export function barChart(groups: readonly BarGroup[], label: string): Markup {
  const most = axisEnd(groups.flatMap(({ bars }) => bars.map(({ interval, value }) => Math.max(value, interval[1] || 0))));
  const x = (rate: number) => LABEL + (Math.min(rate, most) / most) * (WIDTH - LABEL - NUMBER);
  let y = GAP;
  const drawn = groups.map(({ title, bars }) => {
    const top = y;
    y += bars.length * BAR + GAP;
    const rows = bars.map((bar, index) => barRow(bar, { x, top: top + index * BAR }));
    return html`<text class="name" x="${LABEL - 8}" y="${top + (bars.length * BAR) / 2 + 4}" text-anchor="end">${title}</text>${rows}`;
  });
  return figure(html`${ticks(most, x, y)}${drawn}`, y + 18, label);
}

function barRow(
  { series, value, interval: [low, high] }: Bar,
  { x, top }: { x: (rate: number) => number; top: number },
): Markup {
  const middle = top + BAR / 2;
  const whisker = Number.isNaN(low)
    ? NOTHING
    : html`<path class="whisker" d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 3}v6M${x(high)} ${middle - 3}v6"/>`;
  return html`<rect class="s${series}" x="${LABEL}" y="${top + 1}" width="${x(value) - LABEL}" height="${BAR - 3}"/>${whisker}<text class="value" x="${WIDTH - NUMBER + 8}" y="${middle + 4}">${rateText(value)} [${rateText(low)}, ${rateText(high)}]</text>`;
}

/** What the errors are: a bar of three parts for each. */
export function editChart(bars: readonly EditBar[], label: string): Markup {
  const most = axisEnd(bars.map(({ substitutions, deletions, insertions }) => substitutions + deletions + insertions));
  const scale = (WIDTH - LABEL - NUMBER) / most;
  const drawn = bars.map(({ title, ...edits }, index) => {
    const y = GAP + index * (BAR + 4);
    let at = 0;
    const parts = (['substitutions', 'deletions', 'insertions'] as const).map((kind) => {
      const from = Math.min(at, most);
      at += edits[kind];
      return html`<rect class="${kind}" x="${LABEL + from * scale}" y="${y}" width="${(Math.min(at, most) - from) * scale}" height="${BAR}"/>`;
    });
    return html`<text class="name" x="${LABEL - 8}" y="${y + BAR - 4}" text-anchor="end">${title}</text>${parts}<text class="value" x="${WIDTH - NUMBER + 8}" y="${y + BAR - 4}">${rateText(at)}</text>`;
  });
  const bottom = GAP + bars.length * (BAR + 4) + GAP;
  return figure(html`${ticks(most, (rate) => LABEL + rate * scale, bottom)}${drawn}`, bottom + 18, label);
}

function figure(content: Markup, height: number, label: string): Markup {
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}

function ticks(most: number, x: (rate: number) => number, bottom: number): Markup {
  const step = most > 0.6 ? 0.25 : 0.1;
  const rates = Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
  return html`${rates.map(
    (rate) =>
      html`<path class="tick" d="M${x(rate)} 4V${bottom}"/><text class="axis" x="${x(rate)}" y="${bottom + 13}" text-anchor="middle">${Math.round(100 * rate)} %</text>`,
  )}`;
}

function axisEnd(values: readonly number[]): number {
  const most = Math.max(0.1, ...values.filter((value) => !Number.isNaN(value)));
  return Math.min(LONGEST_RATE, Math.ceil(most * 10) / 10);
}
