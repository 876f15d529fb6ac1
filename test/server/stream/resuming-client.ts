import type { ClientMessageInput, ServerMessage } from '../../../server/protocol/stream-messages.ts';
import { START, StreamClient } from '../../support/stream-client.ts';

/** What a client has to send, in its order. */
export type Sent = { readonly audio: Int16Array } | { readonly message: Exclude<ClientMessageInput, { type: 'start' }> };

export type Outcome = Extract<ServerMessage, { type: 'final' | 'error' }>;

type StartChanges = Partial<Extract<ClientMessageInput, { type: 'start' }>>;

interface Place {
  /** of each channel */
  readonly samples: number;
  readonly messages: number;
}

/**
 * Sends a whole stream over connections that may be lost at any time, and resumes it as often as need be.
 * @returns its outcomes, in the order in which they came, and how often it was resumed
 */
export async function sendWhole(
  url: string,
  sent: readonly Sent[],
  changes: StartChanges = {},
): Promise<{ readonly outcomes: readonly Outcome[]; readonly resumes: number }> {
  const outcomes: Outcome[] = [];
  let session: string | null = null;
  let resumes = 0;
  for (;;) {
    const client = await StreamClient.connect({ url }).catch(() => null);
    if (client === null) continue;
    const answer = await opened(client, session, { changes, received: outcomes.length });
    if (answer !== null) {
      if (answer.type === 'resumed') resumes += 1;
      session = answer.session;
      const place = answer.type === 'resumed' ? answer : { samples: 0, messages: 0 };
      for (const { audio, message } of rest(sent, place, changes.channels ?? 1)) {
        if (audio === undefined) client.send(message);
        else client.sendAudio(audio);
        await client.wasSent();
      }
    }
    const { messages } = await client.closed;
    outcomes.push(...messages.filter(isOutcome));
    if (messages.at(-1)?.type === 'closed') return { outcomes, resumes };
  }
}

function isOutcome(message: ServerMessage): message is Outcome {
  return message.type === 'final' || (message.type === 'error' && message.sequence !== null);
}

interface Opening {
  readonly changes: StartChanges;
  readonly received: number;
}

/** @returns null if the connection was lost before the answer came */
async function opened(client: StreamClient, session: string | null, { changes, received }: Opening) {
  client.send(session === null ? { ...START, ...changes, resumable: true } : { type: 'resume', session, received });
  return client.until(session === null ? 'ready' : 'resumed').catch(() => null);
}

/** What comes behind a place; it may lie within a piece of audio. */
function* rest(sent: readonly Sent[], place: Place, channels: number) {
  let [samples, messages] = [0, 0];
  for (const entry of sent) {
    if ('message' in entry) {
      messages += 1;
      if (messages > place.messages) yield { message: entry.message };
      continue;
    }
    const from = Math.max(0, place.samples - samples);
    samples += entry.audio.length / channels;
    if (samples > place.samples) yield { audio: entry.audio.subarray(from * channels) };
  }
}
