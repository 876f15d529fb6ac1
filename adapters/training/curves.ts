import { type Axis, axisOver } from './axis-ticks.ts';
import type { TrainingHistory } from './training-state.ts';

const WIDTH = 820;
const PANEL_HEIGHT = 250;
const GAP = 50;
const MARGIN = { top: 64, right: 24, bottom: 46, left: 64 };
/** hues that people with any colour vision tell apart (Okabe and Ito); a second round of learners is dashed */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b08900', '#56b4e9', '#7f5fd0'];
const LEGEND_ENTRY_WIDTH = 120;
const LEGEND_ROW_HEIGHT = 18;
const LEGEND_PER_ROW = Math.floor((WIDTH - MARGIN.left - MARGIN.right) / LEGEND_ENTRY_WIDTH);
/** share of the loss before that stays in the curve at each step; one batch says little */
const LOSS_SMOOTHING = 0.95;
/** of a curve: about one for each pixel */
const MOST_POINTS = 700;

const STYLE = `
  .curves { color: #1f2328; font: 12px system-ui, sans-serif; }
  .curves .ground { fill: #ffffff; }
  .curves text { fill: currentColor; }
  .curves .title { font-size: 15px; font-weight: 600; }
  .curves .grid { stroke: currentColor; stroke-opacity: 0.15; }
  .curves .axis { stroke: currentColor; stroke-opacity: 0.6; }
  .curves .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) {
    .curves { color: #e6edf3; }
    .curves .ground { fill: #0d1117; }
  }
`;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** One plot of a curve for each learner. */
interface Panel {
  readonly title: string;
  readonly top: number;
  readonly lines: readonly (readonly Point[])[];
  readonly marked: boolean;
  readonly label: (tick: number) => string;
}

/**
 * Loss and dev WER over steps, a curve for each learner, as one SVG file without scripts, fonts or links.
 * @param names of the learners, in the run's order
 */
export function trainingCurves(history: TrainingHistory, names: readonly string[], title = 'Training'): string {
  const steps = [...history.losses, ...history.measurements].map(({ step }) => step);
  const across = axisOver([0, ...steps], 8);
  const top = MARGIN.top + LEGEND_ROW_HEIGHT * Math.ceil(names.length / LEGEND_PER_ROW);
  const panels: readonly Panel[] = [
    {
      title: 'Loss per token, smoothed',
      top,
      lines: names.map((_, index) =>
        smoothed(history.losses.map(({ step, losses }) => ({ x: step, y: losses[index] ?? null }))),
      ),
      marked: false,
      label: String,
    },
    {
      title: 'Dev WER, %',
      top: top + PANEL_HEIGHT + GAP,
      lines: names.map((_, index) => history.measurements.map(({ step, wers }) => ({ x: step, y: wers[index] ?? 0 }))),
      marked: true,
      label: (tick) => String(Number((100 * tick).toPrecision(6))),
    },
  ];
  const height = top + 2 * PANEL_HEIGHT + GAP + MARGIN.bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="curves" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style>`,
    '<rect class="ground" width="100%" height="100%"/>',
    `<text x="${MARGIN.left}" y="26" class="title">${escaped(title)}</text>`,
    ...names.map(legendEntry),
    ...panels.map((panel) => drawPanel(panel, across)),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${height - 8}" text-anchor="middle">step</text>`,
    '</svg>\n',
  ].join('\n');
}

/** Exponential smoothing from the first value on, thinned out; steps without a loss have no point. */
function smoothed(points: readonly { readonly x: number; readonly y: number | null }[]): readonly Point[] {
  let smooth: number | null = null;
  const curve = points.flatMap(({ x, y }) => {
    if (y === null) return [];
    smooth = smooth === null ? y : LOSS_SMOOTHING * smooth + (1 - LOSS_SMOOTHING) * y;
    return [{ x, y: smooth }];
  });
  const every = Math.ceil(curve.length / MOST_POINTS);
  return curve.filter((_, index) => index % every === 0 || index === curve.length - 1);
}

function drawPanel({ title, top, lines, marked, label }: Panel, across: Axis): string {
  const up = axisOver([0, ...lines.flatMap((line) => line.map(({ y }) => y))], 5);
  const [left, right, bottom] = [MARGIN.left, WIDTH - MARGIN.right, top + PANEL_HEIGHT];
  const xOf = (x: number) => rounded(left + ((x - across.low) / (across.high - across.low)) * (right - left));
  const yOf = (y: number) => rounded(bottom - ((y - up.low) / (up.high - up.low)) * PANEL_HEIGHT);
  const levels = up.ticks.map((tick) => {
    const y = yOf(tick);
    return `<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${left - 8}" y="${y + 4}" text-anchor="end">${label(tick)}</text>`;
  });
  const marks = across.ticks.map((tick) => `<text x="${xOf(tick)}" y="${bottom + 17}" text-anchor="middle">${tick}</text>`);
  const curves = lines.map((line, index) => {
    const points = line.map(({ x, y }) => ({ x: xOf(x), y: yOf(y) }));
    const path = `<polyline class="line" ${stroke(index)} points="${points.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`;
    const dots = points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="2.6" fill="${colour(index)}"/>`);
    return marked ? path + dots.join('') : path;
  });
  return [
    `<text x="${left}" y="${top - 9}">${title}</text>`,
    ...levels,
    ...marks,
    `<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`,
    ...curves,
  ].join('\n');
}

function legendEntry(name: string, index: number): string {
  const x = MARGIN.left + (index % LEGEND_PER_ROW) * LEGEND_ENTRY_WIDTH;
  const y = 46 + LEGEND_ROW_HEIGHT * Math.floor(index / LEGEND_PER_ROW);
  return `<line class="line" ${stroke(index)} x1="${x}" x2="${x + 20}" y1="${y}" y2="${y}"/><text x="${x + 26}" y="${y + 4}">${escaped(name)}</text>`;
}

function stroke(index: number): string {
  const dash = index < COLOURS.length ? '' : ' stroke-dasharray="5 3"';
  return `stroke="${colour(index)}"${dash}`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
