import type { Response } from 'express';
import { Deadline, type Scheduler } from '../sockets/scheduler.ts';

/** An answer that goes out piece by piece (WHATWG HTML, server-sent events). */
export interface ServerSentEvents {
  /** @param event its name; left out, it has none */
  send(data: string, event?: string): void;
  end(): void;
}

/** Proxies close connections on which nothing comes, mostly after a minute. */
const KEEP_ALIVE_MS = 15_000;

/** Begins the answer, with status 200: what goes wrong from here on can only be told by an event. */
export function beginEvents(response: Response, schedule: Scheduler): ServerSentEvents {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no', // nginx would keep events back
  });
  response.flushHeaders();
  const silence = new Deadline(schedule);
  const write = (text: string) => {
    silence.set(() => write(': \n\n'), KEEP_ALIVE_MS); // a comment
    response.write(text);
  };
  response.once('close', () => silence.clear());
  write(': \n\n');
  return {
    // data is JSON, or a word: there are no line breaks in it
    send: (data, event) => write(event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`),
    end() {
      silence.clear();
      response.end();
    },
  };
}
