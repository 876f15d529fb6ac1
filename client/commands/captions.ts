import type { Writable } from 'node:stream';
import { graphemesOf, textWidth } from '../../server/subtitles/text-width.ts';
import type { StreamEvent } from '../sdk/stream-event.ts';

/** Where events of a stream are shown. */
export interface Captions {
  show(event: StreamEvent): void;
  /** Nothing more is shown. */
  end(): void;
}

export interface Terminal {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

type PartialEvent = Extract<StreamEvent, { readonly type: 'partial' }>;

const FAINT = '\u001b[2m';
const PLAIN = '\u001b[0m';
/** To the beginning of the line, which is emptied. */
const OVER = '\r\u001b[2K';
const WIDTH_IF_UNKNOWN = 80;

/** Finals stay; what is being said stands below them in one line, faint where it may still change. */
export function terminalCaptions(terminal: Terminal, channels: number): Captions {
  const partials = new Map<number, PartialEvent>();
  let drawn = '';
  const draw = (lines: string) => {
    const open = [...partials.values()].at(-1);
    const next =
      open === undefined ? '' : partialLine(open, nameOf(open.channel, channels), terminal.columns ?? WIDTH_IF_UNKNOWN);
    if (lines === '' && next === drawn) return;
    terminal.write(`${drawn === '' ? '' : OVER}${lines}${next}`);
    drawn = next;
  };
  const line = (text: string) => draw(`${text}\n`);
  return {
    show(event) {
      switch (event.type) {
        case 'partial':
          partials.delete(event.channel); // the last one stands last
          partials.set(event.channel, event);
          return draw('');
        case 'final':
          partials.delete(event.channel);
          return event.text === '' ? draw('') : line(`${nameOf(event.channel, channels)}${event.text}`);
        case 'error':
          if (event.channel !== null) partials.delete(event.channel);
          return line(`${FAINT}${event.code}: ${event.message}${PLAIN}`);
        case 'reconnecting':
          if (event.attempt === 1) line(`${FAINT}The connection was lost. Going on as soon as it is back …${PLAIN}`);
          return;
        case 'resumed':
          return line(`${FAINT}It is back.${PLAIN}`);
        case 'ready':
        case 'speech_started':
        case 'language':
        case 'closed':
          return;
      }
    },
    end() {
      partials.clear();
      draw('');
    },
  };
}

/** Finals, one a line; errors where `errors` says. */
export function plainCaptions(output: Writable, errors: Writable, channels: number): Captions {
  return {
    show(event) {
      if (event.type === 'final' && event.text !== '') output.write(`${nameOf(event.channel, channels)}${event.text}\n`);
      if (event.type === 'error') errors.write(`${event.code}: ${event.message}\n`);
    },
    end: () => undefined,
  };
}

/** Each event as it is, one a line. */
export function jsonCaptions(output: Writable): Captions {
  return {
    show: (event) => void output.write(`${JSON.stringify(event)}\n`),
    end: () => undefined,
  };
}

function nameOf(channel: number, channels: number): string {
  return channels === 1 ? '' : `${channel}: `;
}

/** Its end, if it is longer than a line: a line that wraps cannot be written over. */
function partialLine({ text, stable_length: stable }: PartialEvent, name: string, columns: number): string {
  const room = columns - 1 - textWidth(name);
  const cut = textWidth(text) <= room ? 0 : beginOfEnd(text, room - 1);
  const shown = `${cut === 0 ? '' : '…'}${text.slice(cut, Math.max(cut, stable))}`;
  return `${name}${shown}${FAINT}${text.slice(Math.max(cut, stable))}${PLAIN}`;
}

/** Where the longest end of a text begins that has so many columns. */
function beginOfEnd(text: string, columns: number): number {
  let begin = text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text).toReversed()) {
    width += textWidth(grapheme);
    if (width > columns) break;
    begin -= grapheme.length;
  }
  return begin;
}
