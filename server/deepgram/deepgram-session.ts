import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { DEFAULT_PARTIALS } from '../../asr/streaming/partial-settings.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { type SpeechLanguage, SpeechStream } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import { StreamConnection } from '../sockets/connection.ts';
import { Deadline } from '../sockets/scheduler.ts';
import { cutOff, readerTooSlow, type SessionEnding, SessionLife } from '../sockets/session-life.ts';
import type { SessionSocket } from '../sockets/session-socket.ts';
import type { AdmittedStream, SocketSession } from '../sockets/stream-protocol.ts';
import { type LostAudio, StreamRecord } from '../sockets/stream-record.ts';
import { configure } from './configure.ts';
import { type Closing, closingAfter, errorMessage, FINISHED, GOING_AWAY, schemaError } from './deepgram-error.ts';
import { Finalizes } from './finalizes.ts';
import { createListenIntake, type ListenIntake } from './listen-intake.ts';
import type { StreamQuery } from './listen-query.ts';
import type { ClientMessage, ConfigureMessage, ServerMessage } from './messages.ts';
import { modelOf, type NamedModel } from './model-info.ts';
import { parseClientMessage } from './parse-client-message.ts';
import { emptyResults, finalResults, interimResults, type ResultsContext } from './results-message.ts';
import { StreamMetadata } from './stream-metadata.ts';
import { toSeconds } from './transcript.ts';
import { UtteranceEnds } from './utterance-ends.ts';

export interface DeepgramSessionOptions extends Omit<AdmittedStream, 'request'> {
  readonly socket: SessionSocket;
  readonly query: StreamQuery;
  readonly language: SpeechLanguage;
  readonly created: Date;
  /** names the ffmpeg to run */
  readonly env: NodeJS.ProcessEnv;
  /** Comes once, when the connection is no more. */
  readonly onClosed: () => void;
}

/** Deepgram's own: clients know it, and send KeepAlive within it. */
const IDLE_MS = 10_000;
/** How long the client of a stream that is cut off may take to read why. */
const LAST_WORDS_MS = 1_000;

/**
 * One stream of Deepgram's `/v1/listen`: open from the handshake on, finishing, closed.
 *
 * Invariants: what was accepted is answered before the stream is closed, whatever ends it, unless its client has gone
 * or the service must end at once. Metadata is the last message. Each Finalize is answered on every channel it is for.
 */
export class DeepgramSession implements SocketSession {
  readonly #options: DeepgramSessionOptions;
  readonly #record: StreamRecord;
  readonly #connection: StreamConnection;
  readonly #deadline: Deadline;
  readonly #life: SessionLife<Closing>;
  readonly #speech: SpeechStream;
  readonly #intake: ListenIntake;
  readonly #metadata: StreamMetadata;
  readonly #results: ResultsContext;
  readonly #ends: UtteranceEnds | null;
  readonly #finalizes: Finalizes;
  #punctuate: boolean;

  constructor(options: DeepgramSessionOptions) {
    const { socket, service, schedule, streamId, client, query, created } = options;
    const { pingSeconds, maxFrameBytes } = service.configuration;
    const channels = channelsOf(query);
    this.#options = options;
    this.#punctuate = query.punctuate;
    const log = service.log.child({ streamId, client: client.name });
    this.#record = new StreamRecord({ protocol: 'deepgram', metrics: service.metrics, log });
    this.#deadline = new Deadline(schedule);
    this.#life = new SessionLife({
      onFinishing: () => {
        this.#deadline.clear();
        this.#connection.release(); // what comes now is not accepted, but a goodbye is heard
      },
      answered: async () => this.#intake.finish(),
      onFailed: (error) => this.#fail(error),
      onAnswered: (ending) => this.#close(ending),
    });
    this.#results = { requestId: streamId, channels, extra: query.extra };
    this.#metadata = new StreamMetadata({ requestId: streamId, created, channels, extra: query.extra });
    const { utteranceEndMs } = query;
    this.#ends = utteranceEndMs === null ? null : new UtteranceEnds({ silenceMs: utteranceEndMs, channels });
    this.#finalizes = new Finalizes(channels);
    this.#speech = this.#openSpeech(channels);
    this.#intake = this.#openIntake(channels);
    this.#connection = new StreamConnection({
      socket,
      schedule,
      pingMs: 1000 * pingSeconds,
      maxFrameBytes,
      onMessage: (data, isBinary) => this.#take(data, isBinary),
      onBroken: (error, code) => this.#fail(error, { code, reason: error.code }),
      onSlowReader: () => this.#giveUpReader(),
      onGone: () => this.#leave(),
    });
    this.#record.started({ channels, settings: settingsOf(options) });
    this.#awaitNext();
  }

  /** As if the client had sent CloseStream, but the connection is closed so that it connects anew, elsewhere. */
  drain(): void {
    this.#life.end({ reason: 'drain' });
  }

  /** Ends it at once: what is not answered yet is lost, and its time is told. */
  abort(): void {
    if (this.#life.stage !== 'closed') {
      const error = cutOff();
      const lost = this.#record.unanswered(this.#intake.receivedMs);
      this.#intake.cancel();
      this.#record.refused(error);
      this.#close({ reason: 'error', error, farewell: GOING_AWAY }, lost);
    }
    this.#options.schedule(() => this.#connection.terminate(), LAST_WORDS_MS);
  }

  #openSpeech(channels: number): SpeechStream {
    const { recogniser, query, language } = this.#options;
    const { raw, hotWords, silenceMs, interimResults: interim } = query;
    return new SpeechStream({
      ...language,
      recognition: recogniser,
      sampleRateHz: raw?.sampleRateHz ?? COMPRESSED_RATE_HZ,
      channels,
      // `endpointing=false` cuts at pauses too, and only does not tell them: what is silent has no words
      endpointing: { ...DEFAULT_ENDPOINTING, silenceMs },
      urgency: 'live',
      words: true,
      hotWords,
      partials: interim ? DEFAULT_PARTIALS : null,
      onEvent: (event) => this.#tell(event),
      onProgress: () => this.#progress(),
    });
  }

  #openIntake(channels: number): ListenIntake {
    const { query, env, service } = this.#options;
    const { streamBufferSeconds, maxStreamSeconds } = service.configuration;
    return createListenIntake({
      speech: this.#speech,
      raw: query.raw,
      channels,
      apart: query.multichannel,
      limits: { bufferMs: 1000 * streamBufferSeconds, longestMs: 1000 * maxStreamSeconds },
      env,
      onRoom: () => this.#regulate(),
      onFailed: (error) => this.#fail(error),
    });
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#life.stage !== 'open') return; // what comes behind CloseStream, or into an end, is not looked at
    this.#awaitNext();
    if (!isBinary) return this.#takeText(data.toString());
    try {
      this.#intake.take(data);
      this.#metadata.received(data);
      this.#regulate();
    } catch (error) {
      this.#fail(error);
    }
  }

  #takeText(text: string): void {
    let message: ClientMessage;
    try {
      message = parseClientMessage(text, this.#results.channels);
    } catch (error) {
      this.#record.refused(error);
      return this.#connection.send(schemaError(describeError(error).message, text));
    }
    switch (message.type) {
      case 'KeepAlive':
        return;
      case 'CloseStream':
        return this.#life.end({ reason: 'finish' });
      case 'Finalize':
        void this.#finalize(message.channel ?? null);
        return;
      case 'Configure':
        return this.#configure(message);
    }
  }

  #configure(message: ConfigureMessage): void {
    const { answer, hotWords, punctuate } = configure(message, this.#options.streamId);
    try {
      if (hotWords !== undefined) this.#speech.setBias({ hotWords });
    } catch (error) {
      return this.#fail(error); // it hears no more
    }
    this.#punctuate = punctuate ?? this.#punctuate;
    this.#connection.send(answer);
  }

  async #finalize(channel: number | null): Promise<void> {
    const asked = this.#finalizes.ask(channel);
    try {
      const flushed = this.#intake.flush(channel ?? undefined);
      this.#regulate();
      await flushed;
    } catch (error) {
      this.#fail(error);
    }
    if (this.#life.stage === 'closed') return;
    const atMs = this.#intake.receivedMs;
    for (const silent of this.#finalizes.settle(asked)) {
      this.#connection.send(emptyResults({ channel: silent, atMs }, this.#results, this.#baseModel()));
    }
    this.#regulate();
  }

  #awaitNext(): void {
    const idle = `Neither audio nor a message came for ${IDLE_MS / 1000} s; send KeepAlive while there is nothing to hear.`;
    this.#deadline.set(() => this.#fail(new FloraAsrError('stream_idle', idle)), IDLE_MS);
  }

  /** Less waits to be recognised than before. */
  #progress(): void {
    this.#intake.progressed();
    this.#regulate();
    this.#tellEnds();
  }

  /** Reads from the client as long as its audio does not pile up. */
  #regulate(): void {
    if (this.#life.stage !== 'open') return;
    const reading = !this.#connection.held;
    const shouldRead = this.#intake.keepsReading(reading);
    if (shouldRead === reading) return;
    if (shouldRead) {
      this.#awaitNext();
      this.#connection.release();
    } else {
      this.#deadline.clear(); // a client that is not read from is not idle
      this.#connection.hold();
    }
  }

  #tell(event: SpeechEvent): void {
    this.#ends?.observe(event);
    switch (event.kind) {
      case 'speech-started':
        if (this.#options.query.vadEvents) this.#send(event.channel, 'SpeechStarted', event.startMs);
        return;
      case 'partial': {
        const results = interimResults(event, { ...this.#wording(), model: this.#routeModel(event.language) });
        return this.#record.partial(this.#connection.offer(results));
      }
      case 'final':
        return this.#tellFinal(event);
      case 'failed':
        this.#record.answered(event);
        return this.#connection.send(errorMessage(describeError(event.error), event));
    }
  }

  #tellFinal(event: Extract<SpeechEvent, { kind: 'final' }>): void {
    const { recogniser, query } = this.#options;
    const model = modelOf(recogniser.engine.base, event.result.adapter);
    this.#record.answered(event);
    this.#metadata.decodedBy(model);
    if (event.endedBy === 'flush') this.#finalizes.answered(event.channel);
    this.#connection.send(finalResults(event, { ...this.#wording(), model, speechFinal: query.speechFinal }));
    this.#tellEnds();
  }

  #tellEnds(): void {
    if (this.#ends === null || this.#life.stage === 'closed') return;
    const heardMs = this.#speech.receivedMs - this.#speech.unheardMs;
    for (const { channel, lastWordEndMs } of this.#ends.due(heardMs)) this.#send(channel, 'UtteranceEnd', lastWordEndMs);
  }

  #send(channel: number, type: 'SpeechStarted' | 'UtteranceEnd', atMs: number): void {
    const index: [number, number] = [channel, this.#results.channels];
    const message: ServerMessage =
      type === 'SpeechStarted'
        ? { type, channel: index, timestamp: toSeconds(atMs) }
        : { type, channel: index, last_word_end: toSeconds(atMs) };
    this.#connection.send(message);
  }

  #wording() {
    return { context: this.#results, punctuate: this.#punctuate };
  }

  #baseModel(): NamedModel {
    return modelOf(this.#options.recogniser.engine.base, null);
  }

  /** What decodes a language now; a partial does not say it itself. */
  #routeModel(language: string): NamedModel {
    const { recogniser, language: spoken } = this.#options;
    const { engine } = recogniser;
    const { adapter } = spoken;
    try {
      return modelOf(engine.base, engine.describeRoute({ language, ...(adapter !== undefined && { adapter }) }));
    } catch {
      return this.#baseModel(); // it was unloaded meanwhile; the final says what decoded it
    }
  }

  /** The stream ends by an error, once what was accepted before it has been answered. */
  #fail(error: unknown, farewell: Closing = closingAfter(describeError(error))): void {
    if (this.#life.stage === 'closed') return;
    this.#record.refused(error);
    this.#life.end({ reason: 'error', error, farewell });
  }

  #close(ending: SessionEnding<Closing>, lost: LostAudio | null = null): void {
    this.#life.close(ending);
    this.#deadline.clear();
    if (ending.reason === 'error') this.#connection.send(errorMessage(describeError(ending.error), lost));
    this.#connection.send(this.#metadata.message(this.#intake.receivedMs));
    const { code, reason } = closingOf(ending);
    this.#connection.close(code, reason);
  }

  /** It would not see why, either. */
  #giveUpReader(): void {
    const error = readerTooSlow();
    this.#record.refused(error);
    this.#intake.cancel();
    this.#life.vanish({ reason: 'error', code: error.code });
    this.#connection.terminate();
  }

  #leave(): void {
    this.#life.vanish({ reason: 'gone' });
    this.#deadline.clear();
    this.#intake.cancel();
    this.#record.closed(this.#life.outcome, this.#intake.receivedMs);
    this.#options.onClosed();
  }
}

/** ffmpeg resamples. */
const COMPRESSED_RATE_HZ = 16_000;

/** That are recognised. */
function channelsOf({ multichannel, channels }: StreamQuery): number {
  return multichannel ? channels : 1;
}

/** For the log: no term that a client listens for. */
function settingsOf({ language: { language }, query }: DeepgramSessionOptions) {
  const { raw, interimResults: partials } = query;
  const spoken = typeof language === 'string' ? language : 'detected';
  const encoding = raw?.encoding ?? 'compressed';
  const sampleRateHz = raw?.sampleRateHz ?? null;
  return { protocol: 'deepgram', language: spoken, encoding, sampleRateHz, channels: channelsOf(query), partials };
}

function closingOf(ending: SessionEnding<Closing>): Closing {
  if (ending.reason === 'error') return ending.farewell;
  return ending.reason === 'finish' ? FINISHED : GOING_AWAY;
}
