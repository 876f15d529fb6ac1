import { type Axis, axisOver } from '../../../adapters/training/axis-ticks.ts';
import type { Percentiles } from '../streams/percentiles.ts';
import type { CaptionReport } from './latency-report.ts';

const [WIDTH, HEIGHT] = [760, 360];
const MARGIN = { top: 60, right: 24, bottom: 46, left: 64 };

/** hues that people with any colour vision tell apart (Okabe and Ito) */
const LINES: readonly { readonly name: string; readonly colour: string; readonly of: (one: CaptionReport) => Percentiles }[] = [
  { name: 'first partial', colour: '#0072b2', of: ({ firstPartialMs }) => firstPartialMs },
  { name: 'word lag', colour: '#009e73', of: ({ wordLagMs }) => wordLagMs },
  { name: 'end of speech to final', colour: '#d55e00', of: ({ speechEndToFinalMs }) => speechEndToFinalMs },
];

const STYLE = `
  .latency { color: #1f2328; font: 12px system-ui, sans-serif; }
  .latency .ground { fill: #ffffff; }
  .latency text { fill: currentColor; }
  .latency .title { font-size: 15px; font-weight: 600; }
  .latency .grid { stroke: currentColor; stroke-opacity: 0.15; }
  .latency .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) {
    .latency { color: #e6edf3; }
    .latency .ground { fill: #0d1117; }
  }
`;

/** Medians (solid) and 95 % (dashed) over the number of streams, as one SVG file without scripts, fonts or links. */
export function latencyPlot(reports: readonly CaptionReport[]): string {
  const values = reports.flatMap((one) => LINES.flatMap(({ of }) => [of(one).p50 ?? 0, of(one).p95 ?? 0]));
  const up = axisOver([0, ...values], 6);
  const x = (index: number) =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * (index + 0.5)) / Math.max(1, reports.length);
  const y = (ms: number) => HEIGHT - MARGIN.bottom - (HEIGHT - MARGIN.top - MARGIN.bottom) * (ms / (up.high || 1));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="latency" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency over streams">`,
    `<style>${STYLE}</style><rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${MARGIN.left}" y="24">Milliseconds over streams: median solid, 95 % dashed</text>`,
    ...gridOf(up, y),
    ...reports.map(({ streams }, index) => `<text x="${x(index)}" y="${HEIGHT - 20}" text-anchor="middle">${streams}</text>`),
    ...LINES.flatMap((line, place) => drawn(line, { reports, x, y, place })),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function gridOf(up: Axis, y: (ms: number) => number): readonly string[] {
  return up.ticks.flatMap((tick) => [
    `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
    `<text x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  ]);
}

interface Ground {
  readonly reports: readonly CaptionReport[];
  readonly x: (index: number) => number;
  readonly y: (ms: number) => number;
  readonly place: number;
}

function drawn({ name, colour, of }: (typeof LINES)[number], { reports, x, y, place }: Ground): readonly string[] {
  const points = (pick: (one: Percentiles) => number | null) =>
    reports
      .flatMap((one, index) => {
        const ms = pick(of(one));
        return ms === null ? [] : [`${x(index).toFixed(1)},${y(ms).toFixed(1)}`];
      })
      .join(' ');
  return [
    `<polyline class="line" stroke="${colour}" points="${points(({ p50 }) => p50)}"/>`,
    `<polyline class="line" stroke="${colour}" stroke-dasharray="5 4" points="${points(({ p95 }) => p95)}"/>`,
    `<rect x="${MARGIN.left + 190 * place}" y="36" width="14" height="4" fill="${colour}"/>`,
    `<text x="${MARGIN.left + 20 + 190 * place}" y="42">${name}</text>`,
  ];
}
