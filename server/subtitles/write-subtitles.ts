import type { Cue } from './cut-cues.ts';

/** SubRip. Its times have a comma, and its cues numbers. */
export function writeSrt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ startMs, endMs, lines }, index) =>
      `${index + 1}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${lines.map(withoutArrows).join('\n')}\n\n`,
  );
  return blocks.join('');
}

/** WebVTT (W3C). */
export function writeVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ startMs, endMs, lines }) => `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${lines.map(escaped).join('\n')}\n\n`,
  );
  return `WEBVTT\n\n${blocks.join('')}`;
}

/** Between the times of a cue there is an arrow, and nowhere else. */
function withoutArrows(line: string): string {
  return line.replaceAll('-->', '→');
}

function escaped(line: string): string {
  return withoutArrows(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `01:02:03,045` */
function clock(ms: number, separator: string): string {
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60];
  const padded = [hours, minutes, seconds].map((part) => `${part}`.padStart(2, '0'));
  return `${padded.join(':')}${separator}${`${ms % 1_000}`.padStart(3, '0')}`;
}
