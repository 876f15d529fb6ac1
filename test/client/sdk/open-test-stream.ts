import { onTestFinished } from 'vitest';
import type { ClientStream } from '../../../client/sdk/client-stream.ts';
import { openStream } from '../../../client/sdk/open-stream.ts';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';
import type { StreamOptions } from '../../../client/sdk/stream-options.ts';

/** A stream of 16-bit samples at 16 kHz that is no more when its test is over. */
export async function openTestStream(options: StreamOptions): Promise<ClientStream> {
  const stream = await openStream(options);
  onTestFinished(() => stream.cancel());
  return stream;
}

/** All of them, until the stream is closed. */
export async function eventsOf(stream: ClientStream): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
