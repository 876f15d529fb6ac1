import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../client/sdk/event-queue.ts';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';

const partial = (channel: number, text: string): StreamEvent => ({
  type: 'partial',
  channel,
  text,
  stable_length: 0,
  start: 0,
  end: 1,
  language: 'es',
});
const started: StreamEvent = { type: 'speech_started', channel: 0, start: 0 };

describe('an event queue', () => {
  it('gives events to those who wait, and keeps them for those who come later, in their order', async () => {
    const queue = new EventQueue();
    const waiting = queue.next();
    queue.push(started);
    queue.push(partial(0, 'un'));
    expect(await waiting).toEqual({ done: false, value: started });
    expect(await queue.next()).toEqual({ done: false, value: partial(0, 'un') });
  });

  it('drops partials that nobody has read when there is a later one of their channel', async () => {
    const queue = new EventQueue();
    for (const event of [partial(0, 'un'), started, partial(1, 'μια'), partial(0, 'un som')]) queue.push(event);
    queue.end();
    const read: StreamEvent[] = [];
    for (let step = await queue.next(); !step.done; step = await queue.next()) read.push(step.value);
    expect(read).toEqual([started, partial(1, 'μια'), partial(0, 'un som')]);
  });

  it('after a failure still gives what came before it', async () => {
    const queue = new EventQueue();
    queue.push(started);
    queue.fail(new Error('lost'));
    queue.end();
    expect(await queue.next()).toEqual({ done: false, value: started });
    await expect(queue.next()).rejects.toThrow('lost');
    await expect(queue.next()).rejects.toThrow('lost');
  });

  it('ends for all who wait', async () => {
    const queue = new EventQueue();
    const readers = [queue.next(), queue.next()];
    queue.end();
    expect(await Promise.all(readers)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });
});
