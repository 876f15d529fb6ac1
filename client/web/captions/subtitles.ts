import type { FinalEvent } from './transcript.ts';

/** What is needed of a final to show it over a film. */
export type Cue = Pick<FinalEvent, 'text' | 'start' | 'end'>;

/** Longer lines are broken; as subtitles commonly are. */
const LINE_LENGTH = 42;

/** SubRip. */
export function srtOf(cues: readonly Cue[]): string {
  return cues
    .map(({ text, start, end }, index) => `${index + 1}\n${time(start, ',')} --> ${time(end, ',')}\n${lines(text)}\n`)
    .join('\n');
}

/** WebVTT, in which `-->`, `&` and `<` are not text. */
export function vttOf(cues: readonly Cue[]): string {
  const blocks = cues.map(({ text, start, end }) => `${time(start, '.')} --> ${time(end, '.')}\n${lines(escaped(text))}\n`);
  return ['WEBVTT\n', ...blocks].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Hours, minutes, seconds and milliseconds. */
function time(seconds: number, point: string): string {
  const ms = Math.round(1000 * seconds);
  const part = (value: number, digits: number) => `${Math.floor(value)}`.padStart(digits, '0');
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((value) => part(value, 2)).join(':');
  return `${clock}${point}${part(ms % 1000, 3)}`;
}

/** Broken at blanks; a language without blanks stays in one line. */
function lines(text: string): string {
  const broken: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const last = broken.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_LENGTH) broken[broken.length - 1] = `${last} ${word}`;
    else broken.push(word);
  }
  return broken.join('\n');
}
