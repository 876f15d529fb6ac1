import { randomUUID } from 'node:crypto';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import { StreamConnection } from '../sockets/connection.ts';
import { Deadline } from '../sockets/scheduler.ts';
import { cutOff, readerTooSlow, type SessionEnding, SessionLife } from '../sockets/session-life.ts';
import type { SessionSocket } from '../sockets/session-socket.ts';
import type { AdmittedStream, SocketSession } from '../sockets/stream-protocol.ts';
import { StreamRecord } from '../sockets/stream-record.ts';
import { AudioAppender } from './audio-appender.ts';
import type { ClientEvent, LegacyUpdate, SessionUpdate } from './client-events.ts';
import { closeCodeOf, isFatal, REALTIME_CLOSE_CODES } from './close-codes.ts';
import { createItemChain } from './item-chain.ts';
import { longestEventBytes } from './longest-event.ts';
import { readClientEvent } from './parse-client-event.ts';
import type { LogProb, ServerEvent } from './server-events.ts';
import { SessionAudio } from './session-audio.ts';
import {
  describeLegacySession,
  describeSession,
  modernUpdate,
  type SessionConfiguration,
  updateConfiguration,
} from './session-configuration.ts';
import { speechSettings } from './speech-settings.ts';
import { tokenLogProbs } from './token-log-probs.ts';

export interface RealtimeSessionOptions extends AdmittedStream {
  readonly socket: SessionSocket;
  readonly configured: SessionConfiguration;
  /** Comes once, when the connection is no more. */
  readonly onClosed: () => void;
}

/** How long the client of a session that is cut off may take to read why. */
const LAST_WORDS_MS = 1_000;

/**
 * One session of `/v1/realtime`: open, finishing, closed. Events of the client are carried out one by one, in their
 * order; one that takes longer holds those behind it back.
 *
 * Invariants: what was accepted is answered before the session is closed, unless its client has gone or the service must
 * end at once; an event that is wrong changes nothing, and the session stays open.
 */
export class RealtimeSession implements SocketSession {
  readonly #options: RealtimeSessionOptions;
  readonly #sessionId: string;
  readonly #record: StreamRecord;
  readonly #connection: StreamConnection;
  readonly #deadline: Deadline;
  /** what is said last is a close code */
  readonly #life: SessionLife<number>;
  readonly #audio: SessionAudio;
  readonly #appender: AudioAppender;
  #configured: SessionConfiguration;
  /** what is being carried out, and takes longer */
  #work: Promise<void> | null = null;
  /** more audio waits to be recognised than is meant to */
  #full = false;

  /** @throws FloraAsrError as `speechSettings` */
  constructor(options: RealtimeSessionOptions) {
    const { socket, service, schedule, streamId, client, recogniser, configured } = options;
    const { pingSeconds, streamBufferSeconds, maxStreamSeconds, maxFrameBytes } = service.configuration;
    this.#options = options;
    this.#configured = configured;
    this.#sessionId = `sess_${streamId.replaceAll('-', '')}`;
    const log = service.log.child({ streamId, client: client.name });
    this.#record = new StreamRecord({ protocol: 'realtime', metrics: service.metrics, log });
    this.#deadline = new Deadline(schedule);
    this.#life = new SessionLife({
      onFinishing: () => {
        this.#deadline.clear();
        this.#appender.goOn();
        this.#connection.release(); // what comes now is not accepted, but a goodbye is heard
      },
      answered: async () => {
        await this.#work;
        await this.#audio.finish();
      },
      onFailed: (error) => this.#fail(error),
      onAnswered: (ending) => this.#close(ending),
    });
    this.#audio = new SessionAudio({
      settings: speechSettings(configured, { engine: recogniser.engine, configuration: service.configuration }),
      recogniser,
      items: createItemChain(newName),
      limits: { bufferMs: 1000 * streamBufferSeconds, longestMs: 1000 * maxStreamSeconds },
      logProbsOf: (result) => this.#logProbsOf(result),
      onEvents: (events) => this.#tellAll(events),
      onFirst: () => this.#record.started({ channels: 1, settings: settingsOf(this.#configured) }),
      onSpeech: (event) => this.#note(event),
      onProgress: () => this.#regulate(),
    });
    this.#appender = new AudioAppender({ audio: this.#audio, isOpen: () => this.#life.stage === 'open' });
    this.#connection = new StreamConnection({
      socket,
      schedule,
      pingMs: 1000 * pingSeconds,
      maxFrameBytes: longestEventBytes(maxFrameBytes),
      onMessage: (data, isBinary) => this.#take(data, isBinary),
      onBroken: (error, closeCode) => this.#fail(error, closeCode),
      onSlowReader: () => this.#giveUpReader(),
      onGone: () => this.#leave(),
    });
    this.#awaitNext();
    this.#tell({ type: 'session.created', session: describeSession(this.#sessionId, configured) });
  }

  /** Takes no more, and answers what it has; the close code says why. */
  drain(): void {
    this.#life.end({ reason: 'drain' });
  }

  abort(): void {
    if (this.#life.stage !== 'closed') {
      const error = cutOff();
      this.#audio.cancel();
      this.#record.refused(error);
      this.#close({ reason: 'error', error, farewell: REALTIME_CLOSE_CODES.goingAway });
    }
    this.#options.schedule(() => this.#connection.terminate(), LAST_WORDS_MS);
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#life.stage !== 'open') return;
    this.#awaitNext();
    const read = readClientEvent(data, isBinary);
    if ('error' in read) return this.#refuse(read.error, read.eventId);
    try {
      const work = this.#carryOut(read.event);
      if (work !== null) this.#await(work, read.eventId);
    } catch (error) {
      this.#refuse(error, read.eventId);
    }
    this.#regulate();
  }

  /** @returns null if it is done */
  #carryOut(event: ClientEvent): Promise<void> | null {
    switch (event.type) {
      case 'input_audio_buffer.append':
        return this.#appender.append(event.audio);
      case 'input_audio_buffer.commit':
        return this.#audio.commit();
      case 'input_audio_buffer.clear':
        this.#audio.clear();
        this.#tell({ type: 'input_audio_buffer.cleared' });
        return null;
      case 'session.update':
        return this.#update(event.session);
      case 'transcription_session.update':
        return this.#updateAsLegacy(event.session);
    }
  }

  /** Nothing is read until it is done. */
  #await(work: Promise<void>, eventId: string | null): void {
    this.#work = work
      .catch((error: unknown) => this.#refuse(error, eventId))
      .then(() => {
        this.#work = null;
        this.#regulate();
      });
  }

  async #update(update: SessionUpdate): Promise<void> {
    await this.#configure(update);
    this.#tell({ type: 'session.updated', session: describeSession(this.#sessionId, this.#configured) });
  }

  async #updateAsLegacy(update: LegacyUpdate): Promise<void> {
    await this.#configure(modernUpdate(update));
    const session = describeLegacySession(this.#sessionId, this.#configured);
    this.#tell({ type: 'transcription_session.updated', session });
  }

  /** All of it, or nothing. @throws FloraAsrError as `speechSettings` */
  async #configure(update: SessionUpdate): Promise<void> {
    const { recogniser, service } = this.#options;
    const wanted = updateConfiguration(this.#configured, update);
    const settings = speechSettings(wanted, { engine: recogniser.engine, configuration: service.configuration });
    this.#configured = wanted;
    await this.#audio.configure(settings);
  }

  #logProbsOf(result: RecognitionResult): readonly LogProb[] | null {
    return this.#configured.logProbs ? tokenLogProbs(result, this.#options.recogniser.engine.tokenBytes) : null;
  }

  #awaitNext(): void {
    const { streamIdleSeconds } = this.#options.service.configuration;
    const idle = `No event came for ${streamIdleSeconds} s (STREAM_IDLE_SECONDS).`;
    this.#deadline.set(() => this.#fail(new FloraAsrError('stream_idle', idle)), 1000 * streamIdleSeconds);
  }

  /** Reads from the client while nothing is being carried out, and as long as its audio does not pile up. */
  #regulate(): void {
    this.#appender.goOn();
    if (this.#life.stage !== 'open') return;
    this.#full = !this.#audio.keepsReading(!this.#full);
    const held = this.#full || this.#work !== null;
    if (held === this.#connection.held) return;
    if (held) {
      this.#deadline.clear(); // a client that is not read from is not idle
      this.#connection.hold();
    } else {
      this.#awaitNext();
      this.#connection.release();
    }
  }

  /** One event of the client was wrong; or something that ends the session. */
  #refuse(error: unknown, eventId: string | null): void {
    if (isFatal(describeError(error))) return this.#fail(error);
    if (this.#life.stage !== 'open') return;
    this.#record.refused(error);
    this.#tell(errorEvent(error, eventId));
  }

  /** The session ends by an error, once what was accepted before it has been answered. */
  #fail(error: unknown, farewell: number = closeCodeOf(describeError(error))): void {
    if (this.#life.stage !== 'open') return;
    this.#record.refused(error);
    this.#life.end({ reason: 'error', error, farewell });
  }

  #close(ending: SessionEnding<number>): void {
    this.#life.close(ending);
    this.#deadline.clear();
    this.#appender.goOn();
    if (ending.reason === 'error') this.#send(errorEvent(ending.error, null));
    this.#connection.close(ending.reason === 'error' ? ending.farewell : REALTIME_CLOSE_CODES.goingAway);
  }

  #note(event: SpeechEvent): void {
    if (event.kind === 'partial') this.#record.partial(true);
    else if (event.kind !== 'speech-started') this.#record.answered(event);
  }

  #tellAll(events: readonly ServerEvent[]): void {
    for (const event of events) this.#tell(event);
  }

  #tell(event: ServerEvent): void {
    if (this.#life.stage !== 'closed') this.#send(event);
  }

  #send(event: ServerEvent): void {
    this.#connection.send({ event_id: `event_${newName()}`, ...event });
  }

  /** It would not see why, either. */
  #giveUpReader(): void {
    if (this.#life.stage === 'closed') return;
    const error = readerTooSlow();
    this.#record.refused(error);
    this.#audio.cancel();
    this.#life.vanish({ reason: 'error', code: error.code });
    this.#connection.terminate();
  }

  #leave(): void {
    this.#life.vanish({ reason: 'gone' });
    this.#deadline.clear();
    this.#appender.goOn();
    this.#audio.cancel();
    this.#record.closed(this.#life.outcome, this.#audio.receivedMs);
    this.#options.onClosed();
  }
}

function settingsOf({ audioType, transcription, turnDetection }: SessionConfiguration) {
  const { language, languages, model } = transcription;
  return { format: audioType, language, languages, model, turnDetection: turnDetection?.type ?? null };
}

function errorEvent(error: unknown, eventId: string | null): ServerEvent {
  const { type, code, message, param } = describeError(error);
  return { type: 'error', error: { type, code, message, param, event_id: eventId } };
}

function newName(): string {
  return randomUUID().replaceAll('-', '');
}
