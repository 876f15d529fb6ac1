import { ClientStream } from './client-stream.ts';
import type { StreamOptions } from './stream-options.ts';

/**
 * Opens a stream of speech: resolves when the service takes audio.
 *
 *     const stream = await openStream({ url: 'http://127.0.0.1:8080', language: 'el' });
 *     for await (const event of stream) if (event.type === 'final') console.log(event.text);
 *
 * @throws FloraAsrClientError `connection_failed`, `cancelled`, `argument_invalid`, or a code of the service's:
 *   `key_unknown`, `language_unknown`, `too_many_streams` …
 */
export async function openStream(options: StreamOptions): Promise<ClientStream> {
  const stream = new ClientStream(options);
  await stream.open();
  return stream;
}
