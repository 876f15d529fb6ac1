import WebSocket from 'ws';
import { z } from 'zod';
import { type ServerEvent, type ServerEventType, serverEventSchema } from '../../../server/realtime/server-events.ts';
import { attempted, connected, type Refused, WebSocketClient } from '../../support/web-socket-client.ts';

type EventOf<Type extends ServerEventType> = Extract<ServerEvent, { readonly type: Type }>;

export interface RealtimeClientOptions {
  readonly query?: string;
  readonly subprotocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const namedSchema = z.looseObject({ event_id: z.string().regex(/^event_[\da-f]{32}$/) });

/** A client of `/v1/realtime` that keeps what it was told. Every event is held to its schema, and has an id of its own. */
export class RealtimeClient extends WebSocketClient<ServerEvent> {
  private constructor(socket: WebSocket) {
    const ids = new Set<string>();
    super(socket, (json) => {
      const { event_id: id, ...event } = namedSchema.parse(json);
      if (ids.has(id)) throw new Error(`${id} came twice`);
      ids.add(id);
      return serverEventSchema.parse(event);
    });
  }

  /** @throws Error if the server refuses */
  static async connect(url: string, options: RealtimeClientOptions = {}): Promise<RealtimeClient> {
    return connected(await RealtimeClient.attempt(url, options));
  }

  static async attempt(
    url: string,
    { query = 'intent=transcription', subprotocols = [], headers = {} }: RealtimeClientOptions,
  ): Promise<RealtimeClient | Refused> {
    const address = `${url.replace('http', 'ws')}/v1/realtime?${query}`;
    return attempted(new RealtimeClient(new WebSocket(address, [...subprotocols], { headers: { ...headers } })));
  }

  /** without their ids */
  get events(): ServerEvent[] {
    return this.messages;
  }

  /** Their kinds, in their order. */
  get types(): readonly ServerEventType[] {
    return this.events.map(({ type }) => type);
  }

  all<Type extends ServerEventType>(type: Type): readonly EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  get transcripts(): readonly string[] {
    return this.all('conversation.item.input_audio_transcription.completed').map(({ transcript }) => transcript);
  }

  /** What the deltas of an item are, joined. */
  deltasOf(itemId: string): string {
    const deltas = this.all('conversation.item.input_audio_transcription.delta');
    return deltas
      .filter(({ item_id: id }) => id === itemId)
      .map(({ delta }) => delta)
      .join('');
  }

  send(event: Readonly<Record<string, unknown>>): void {
    this.socket.send(JSON.stringify(event));
  }

  append(samples: ArrayBufferView): void {
    const { buffer, byteOffset, byteLength } = samples;
    this.send({ type: 'input_audio_buffer.append', audio: Buffer.from(buffer, byteOffset, byteLength).toString('base64') });
  }

  commit(eventId?: string): void {
    this.send({ type: 'input_audio_buffer.commit', ...(eventId !== undefined && { event_id: eventId }) });
  }

  /** Changes the configuration of the audio's input. Resolves when it is in force. */
  async update(input: object, session: object = {}): Promise<EventOf<'session.updated'>['session']> {
    const before = this.all('session.updated').length;
    this.send({ type: 'session.update', session: { type: 'transcription', audio: { input }, ...session } });
    await this.when(() => this.all('session.updated').length > before);
    return (this.all('session.updated').at(-1) as EventOf<'session.updated'>).session;
  }

  /** The event of this kind that comes next, or has come as the `count`th. @throws Error if the connection closes before */
  async until<Type extends ServerEventType>(type: Type, count = 1): Promise<EventOf<Type>> {
    await this.when(() => this.all(type).length >= count);
    return this.all(type)[count - 1] as EventOf<Type>;
  }

  /** Resolves when so many turns have their transcripts. */
  async completed(count: number): Promise<void> {
    await this.until('conversation.item.input_audio_transcription.completed', count);
  }

  /** Resolves when the server has carried out all that was sent so far: it says what is wrong with a last event. */
  async carriedOut(): Promise<void> {
    const mine = (event: ServerEvent) => event.type === 'error' && event.error.event_id === 'carried out';
    this.send({ type: 'nothing', event_id: 'carried out' });
    await this.when(() => this.events.some(mine));
    this.events.splice(this.events.findIndex(mine), 1);
  }
}
