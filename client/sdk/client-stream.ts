import type { ClientMessageInput, ServerMessage } from '../../server/protocol/stream-messages.ts';
import { type AudioSamples, audioBytes, bytesPerFrameOf } from './audio-bytes.ts';
import { clientError, FloraAsrClientError } from './client-error.ts';
import { connectionLost, draining, errorOf, openConnection } from './connection.ts';
import { Deferred } from './deferred.ts';
import { EventQueue } from './event-queue.ts';
import { FrameCutter } from './frame-cutter.ts';
import { passTime } from './pass-time.ts';
import { DEFAULT_RECONNECTING, reconnectWaitMs } from './reconnecting.ts';
import { Sender } from './sender.ts';
import type { StreamEvent } from './stream-event.ts';
import { DEFAULT_BUFFER_BYTES, type StreamOptions, startMessageOf } from './stream-options.ts';
import type { OpenSocket } from './web-socket.ts';

export type ReadyMessage = Extract<ServerMessage, { readonly type: 'ready' }>;
export type ClosedMessage = Extract<ServerMessage, { readonly type: 'closed' }>;
type ControlMessage = Extract<ClientMessageInput, { readonly type: 'flush' | 'language' | 'finish' }>;
export type LanguageChange = Omit<Extract<ControlMessage, { readonly type: 'language' }>, 'type'>;

/** What a stream can be resumed by. */
interface Session {
  readonly id: string;
  readonly windowMs: number;
}

/**
 * One stream of audio, and what the service hears in it. Events come by iteration, each once, to whoever asks first:
 * `for await (const event of stream)`. To stop iterating ends nothing; `finish`, `cancel` and the signal do.
 */
export class ClientStream implements AsyncIterable<StreamEvent> {
  readonly #options: StreamOptions;
  readonly #start: ReturnType<typeof startMessageOf>;
  readonly #cutter: FrameCutter;
  readonly #sender: Sender;
  readonly #events = new EventQueue();
  readonly #ended = new Deferred<ClosedMessage>();
  /** aborted when nothing goes on any more, whatever the reason */
  readonly #life = new AbortController();
  #socket: OpenSocket | null = null;
  #ready: ReadyMessage | null = null;
  #session: Session | null = null;
  /** finals and lost utterances that came */
  #outcomes = 0;
  #closed: ClosedMessage | null = null;
  /** what the service ends the stream with */
  #fatal: FloraAsrClientError | null = null;
  #finishing = false;

  /** Use `openStream`. @throws FloraAsrClientError `argument_invalid` */
  constructor(options: StreamOptions) {
    this.#options = options;
    this.#start = startMessageOf(options);
    const { encoding, channels = 1 } = this.#start;
    const bytesPerFrame = bytesPerFrameOf({ encoding, channels });
    this.#cutter = new FrameCutter(bytesPerFrame);
    this.#sender = new Sender({ bytesPerFrame, bufferBytes: options.bufferBytes ?? DEFAULT_BUFFER_BYTES });
  }

  /** `openStream` does it. @throws FloraAsrClientError as `openStream` */
  async open(): Promise<void> {
    const { signal } = this.#options;
    if (signal?.aborted) this.cancel(signal.reason);
    signal?.addEventListener('abort', () => this.cancel(signal.reason), { signal: this.#life.signal });
    try {
      await this.#connect(this.#start);
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  /** The settings that the service has opened the stream with. */
  get ready(): ReadyMessage {
    if (this.#ready === null) throw clientError('argument_invalid', 'The stream was never opened.');
    return this.#ready;
  }

  /**
   * Sends samples; they are copied. Wait for it before the next: it takes until there is room for more, so that audio
   * does not pile up where the network, or the service, is slower than its source.
   * @throws FloraAsrClientError `buffer_full`, `audio_after_finish`, `argument_invalid`, or what the stream ended with
   */
  async send(samples: AudioSamples): Promise<void> {
    this.#requireOpen('audio');
    await this.#sender.sendAudio(this.#cutter.push(audioBytes(samples, this.#start.encoding)));
  }

  /**
   * Ends the utterance that is open, now.
   * @throws FloraAsrClientError `audio_after_finish`, or what the stream ended with
   */
  flush(): void {
    this.#say({ type: 'flush' });
  }

  /**
   * What is sent from here on is in another language; the utterance that is open ends. A `language` event answers.
   * @throws FloraAsrClientError as `flush`
   */
  setLanguage(change: LanguageChange): void {
    this.#say({ ...change, type: 'language' });
  }

  /**
   * No more audio comes. Resolves when all of it has been answered, and the stream is closed; its events can be read
   * before and after that.
   * @throws FloraAsrClientError what the stream ended with
   */
  async finish(): Promise<ClosedMessage> {
    if (!this.#finishing && !this.#life.signal.aborted) {
      this.#say({ type: 'finish' });
      this.#finishing = true;
    }
    return this.#ended.promise;
  }

  /** Ends the stream at once. What is not recognised yet never will be. */
  cancel(cause?: unknown): void {
    this.#fail(clientError('cancelled', 'The stream was cancelled.', { cause }));
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamEvent, undefined> {
    return { next: () => this.#events.next() };
  }

  #say(message: ControlMessage): void {
    this.#requireOpen(message.type);
    this.#sender.sendMessage(message);
  }

  #requireOpen(what: string): void {
    if (!this.#finishing) return;
    throw clientError('audio_after_finish', `Nothing can be sent after finish(), but ${what} was.`);
  }

  async #connect(first: ClientMessageInput): Promise<void> {
    const { url, apiKey } = this.#options;
    await openConnection({
      url,
      apiKey,
      signal: this.#life.signal,
      first,
      onAnswered: (socket) => {
        this.#socket = socket;
      },
      onMessage: (message) => this.#take(message),
      onClosed: (code) => this.#lose(code),
    });
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'ready':
        this.#ready = message;
        this.#session = sessionOf(message);
        this.#attach();
        break;
      case 'resumed':
        this.#sender.rewind({ frames: message.samples, messages: message.messages });
        this.#attach();
        break;
      case 'accepted':
        return this.#sender.accepted({ frames: message.samples, messages: message.messages });
      case 'final':
        this.#outcomes = message.sequence + 1;
        break;
      case 'error':
        if (message.sequence !== null) this.#outcomes = message.sequence + 1;
        if (!message.fatal) break;
        this.#fatal = errorOf(message);
        return; // whoever waits for anything gets it, when the connection has closed
      case 'closed':
        this.#closed = message;
        break;
      case 'speech_started':
      case 'partial':
      case 'language':
        break;
    }
    this.#events.push(message);
  }

  #attach(): void {
    if (this.#socket !== null) this.#sender.attach(this.#socket, this.#session !== null);
  }

  #lose(code: number): void {
    this.#socket = null;
    this.#sender.detach();
    if (this.#fatal !== null) return this.#fail(this.#fatal);
    if (this.#closed !== null) return this.#end(this.#closed);
    if (this.#session === null) return this.#fail(connectionLost(code));
    void this.#reconnect(this.#session, connectionLost(code));
  }

  /** Until the service keeps the stream no longer. */
  async #reconnect(session: Session, lost: Error): Promise<void> {
    const { signal } = this.#life;
    const settings = { ...DEFAULT_RECONNECTING, ...this.#options.reconnect };
    const giveUpAt = performance.now() + session.windowMs;
    let cause: unknown = lost;
    for (let attempt = 1; performance.now() < giveUpAt; attempt += 1) {
      const waitMs = reconnectWaitMs(attempt, settings, Math.random());
      this.#events.push({ type: 'reconnecting', attempt, waitMs });
      await passTime(waitMs, signal);
      if (signal.aborted) return;
      try {
        return await this.#connect({ type: 'resume', session: session.id, received: this.#outcomes });
      } catch (error) {
        if (!(error instanceof FloraAsrClientError) || !error.retryable) return this.#fail(error as Error);
        cause = error;
      }
    }
    const gone = `The connection was lost, and could not be resumed within ${session.windowMs / 1000} s.`;
    this.#fail(clientError('connection_lost', gone, { retryable: true, cause }));
  }

  #end(closed: ClosedMessage): void {
    const over = closed.reason === 'drain' ? draining() : clientError('audio_after_finish', 'The stream has been finished.');
    this.#life.abort();
    this.#sender.end(over);
    this.#events.end();
    this.#ended.resolve(closed);
  }

  #fail(error: Error): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#socket?.close('goodbye');
    this.#socket = null;
    this.#sender.end(error);
    this.#events.fail(error);
    this.#ended.reject(error);
  }
}

function sessionOf({ session, resume_window }: ReadyMessage): Session | null {
  return session === null || resume_window === null ? null : { id: session, windowMs: 1000 * resume_window };
}
