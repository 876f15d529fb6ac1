import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { jsonCaptions, plainCaptions, terminalCaptions } from '../../../client/commands/captions.ts';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';

type EventOf<Type extends StreamEvent['type']> = Extract<StreamEvent, { readonly type: Type }>;

const partial = (words: string, stable: number, channel = 0): EventOf<'partial'> => ({
  type: 'partial',
  channel,
  text: words,
  stable_length: stable,
  start: 0,
  end: 1,
  language: 'es',
});

const final = (words: string, channel = 0): EventOf<'final'> => ({
  type: 'final',
  sequence: 0,
  channel,
  text: words,
  start: 0,
  end: 1,
  language: 'es',
  confidence: 1,
  adapter: null,
  ended_by: 'pause',
  timings: { wait_ms: 0, encode_ms: 0, decode_ms: 0, total_ms: 0 },
});

const lost: EventOf<'error'> = {
  type: 'error',
  sequence: 1,
  code: 'queue_full',
  message: 'Try again.',
  param: null,
  retryable: true,
  fatal: false,
  channel: 0,
  start: 0,
  end: 1,
};

/** What a person sees: finished lines, the open line with what is faint in brackets. */
function screen(columns = 80) {
  let written = '';
  const terminal = {
    columns,
    write(piece: string) {
      written += piece;
    },
  };
  const view = () => {
    const lines = written.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '');
    return lines.map((line) => line.replaceAll('\u001b[2m', '<').replaceAll('\u001b[0m', '>'));
  };
  return { terminal, view };
}

describe('captions on a terminal', () => {
  it('show what is being said in one line, faint where it may change, until it is final', () => {
    const { terminal, view } = screen();
    const captions = terminalCaptions(terminal, 1);
    captions.show(partial('un', 0));
    expect(view()).toEqual(['<un>']);
    captions.show(partial('un sombrero', 3));
    expect(view()).toEqual(['un <sombrero>']);
    captions.show(final('Un sombrero azul.'));
    expect(view()).toEqual(['Un sombrero azul.', '']);
    captions.show(partial('y', 1));
    captions.end();
    expect(view()).toEqual(['Un sombrero azul.', '']);
  });

  it('show the end of what is longer than a line, wide characters and marks counted as they are seen', () => {
    const { terminal, view } = screen(12);
    const captions = terminalCaptions(terminal, 1);
    captions.show(partial('uno dos tres cuatro', 16));
    expect(view()).toEqual(['…res cua<tro>']);
    captions.show(partial('新しい帽子です', 0));
    expect(view()[0]).toBe('…<い帽子です>');
  });

  it('name channels where there are several, and keep those that are still open', () => {
    const { terminal, view } = screen();
    const captions = terminalCaptions(terminal, 2);
    captions.show(partial('hola', 4, 0));
    captions.show(partial('sí', 2, 1));
    expect(view()).toEqual(['1: sí<>']);
    captions.show(final('Sí.', 1));
    expect(view()).toEqual(['1: Sí.', '0: hola<>']);
  });

  it('say what was lost, and that the connection was', () => {
    const { terminal, view } = screen();
    const captions = terminalCaptions(terminal, 1);
    captions.show(lost);
    captions.show({ type: 'reconnecting', attempt: 1, waitMs: 1 });
    captions.show({ type: 'reconnecting', attempt: 2, waitMs: 1 });
    expect(view()).toEqual(['<queue_full: Try again.>', '<The connection was lost. Going on as soon as it is back …>', '']);
  });

  it('print nothing for what has no words', () => {
    const { terminal, view } = screen();
    terminalCaptions(terminal, 1).show(final(''));
    expect(view()).toEqual(['']);
  });
});

describe('captions elsewhere', () => {
  it('are finals, one a line, and errors on standard error', async () => {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const captions = plainCaptions(output, errors, 1);
    for (const event of [partial('un', 0), final('Un sombrero.'), final(''), lost]) captions.show(event);
    output.end();
    errors.end();
    expect(await text(output)).toBe('Un sombrero.\n');
    expect(await text(errors)).toBe('queue_full: Try again.\n');
  });

  it('are every event, one a line, as JSON', async () => {
    const output = new PassThrough();
    const captions = jsonCaptions(output);
    for (const event of [partial('un', 0), final('Un sombrero.')]) captions.show(event);
    output.end();
    const lines = (await text(output)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([partial('un', 0), final('Un sombrero.')]);
  });
});
