import { FloraAsrError } from '../../kernels/errors.ts';
import type { Client } from '../access/access.ts';
import { describeError } from '../describe-error.ts';
import {
  CLOSE_CODES,
  type ClientMessage,
  type LanguageMessage,
  type ServerMessage,
  type StartMessage,
} from '../protocol/stream-messages.ts';
import type { AudioIntake } from '../sockets/audio-intake.ts';
import { Deadline } from '../sockets/scheduler.ts';
import { cutOff, readerTooSlow, type SessionEnding, SessionLife } from '../sockets/session-life.ts';
import type { AdmittedStream } from '../sockets/stream-protocol.ts';
import type { LostAudio, StreamRecord } from '../sockets/stream-record.ts';
import { type ChosenLanguage, chooseLanguage } from './choose-language.ts';
import { closeCodeOf } from './close-code.ts';
import { errorMessage, toSeconds } from './event-message.ts';
import { type OpenedSpeech, openSpeech } from './open-speech.ts';
import { parseClientMessage } from './parse-client-message.ts';
import type { DetachableSession, ResumableSessions } from './resumable-sessions.ts';
import { type Attachment, StreamOutput } from './stream-output.ts';

export interface StreamSessionOptions {
  readonly stream: AdmittedStream;
  readonly start: StartMessage;
  readonly attachment: Attachment;
  readonly record: StreamRecord;
  readonly sessions: ResumableSessions<StreamSession>;
}

/** What a client closes a connection with that it does not want any more (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;
/** There was no close frame. */
const NO_GOODBYE = 1006;

/**
 * One stream of `/v1/stream`, from its `start` on: open, finishing, closed. If it is resumable, it outlives connections.
 *
 * Invariants: what was accepted is answered before the stream is closed, whatever ends it, unless its client has gone
 * (for longer than it may) or the service must end at once. Once a stream finishes, no audio is accepted. A client that
 * resumes has had each outcome once, in their order.
 */
export class StreamSession implements DetachableSession {
  readonly #options: StreamSessionOptions;
  readonly #intake: AudioIntake;
  readonly #output: StreamOutput;
  readonly #deadline: Deadline;
  /** what is said last is a close code */
  readonly #life: SessionLife<number>;
  /** null: it ends with its connection */
  readonly #id: string | null;
  #language: ChosenLanguage;
  /** what is said before the connection is closed */
  #lastWords: readonly ServerMessage[] = [];
  /** `flush`, `language` and `finish` that were taken */
  #messages = 0;
  /** of the samples that were accepted, so many were confirmed */
  #confirmedSamples = 0;
  #left = false;

  /** @throws FloraAsrError as `openSpeech` */
  constructor(options: StreamSessionOptions) {
    const { stream, start, attachment, record, sessions } = options;
    const { configuration } = stream.service;
    this.#options = options;
    const opened = openSpeech(start, {
      configuration,
      recogniser: stream.recogniser,
      onEvent: (event) => this.#output.tell(event),
      onProgress: () => this.#regulate(),
    });
    this.#intake = opened.intake;
    this.#language = opened.language;
    this.#deadline = new Deadline(stream.schedule);
    this.#life = new SessionLife({
      onFinishing: () => {
        if (this.#output.connection !== null) this.#deadline.clear();
        this.#output.connection?.release(); // what comes now is not accepted, but a goodbye is heard
      },
      answered: async () => this.#intake.finish(),
      onFailed: (error) => this.fail(error),
      onAnswered: (ending) => this.#close(ending),
    });
    this.#id = start.resumable && configuration.resumeWindowSeconds > 0 ? sessions.add(this) : null;
    this.#output = new StreamOutput({ attachment, record, words: start.words, resumable: this.#id !== null });
    record.started({ channels: start.channels, settings: settingsOf(start) });
    this.#awaitNext();
    this.#sendReady(opened);
  }

  get client(): Client {
    return this.#options.stream.client;
  }

  take(data: Buffer, isBinary: boolean): void {
    if (!this.#listens()) return;
    if (this.#life.stage === 'open') this.#awaitNext();
    try {
      if (isBinary) this.#takeAudio(data);
      else this.#takeMessage(parseClientMessage(data.toString()));
    } catch (error) {
      this.fail(error);
    }
  }

  /** The stream ends by an error, once what was accepted before it has been answered. */
  fail(error: unknown, farewell: number = closeCodeOf(describeError(error))): void {
    if (!this.#listens()) return;
    this.#options.record.refused(error);
    this.#life.end({ reason: 'error', error, farewell });
  }

  /** As if the client had sent `finish`; it is told `drain`. */
  drain(): void {
    this.#life.end({ reason: 'drain' });
  }

  /** Ends it at once: what is not answered yet is lost, and its time is told. */
  abort(): void {
    if (this.#life.stage === 'closed') return;
    const { record } = this.#options;
    const error = cutOff();
    const lost = record.unanswered(this.#intake.receivedMs);
    this.#intake.cancel();
    record.refused(error);
    this.#close({ reason: 'error', error, farewell: CLOSE_CODES.goingAway }, lost);
  }

  /** Too much of what was sent lies unread. One that can be resumed may come back; another would not see why, either. */
  giveUpReader(): void {
    const error = readerTooSlow();
    this.#options.record.refused(error);
    if (this.#id === null) {
      this.#intake.cancel();
      this.#life.vanish({ reason: 'error', code: error.code });
    }
    this.#output.connection?.terminate();
  }

  /**
   * Goes on over another connection, even if there still is one: it may be dead without anybody having said so.
   * @param received outcomes that the client has
   * @throws FloraAsrError as `StreamOutput.missedSince`; nothing has changed then
   */
  resume(attachment: Attachment, received: number): void {
    const missed = this.#output.missedSince(received);
    const { sessions, record } = this.#options;
    this.#output.attach(attachment);
    sessions.attach(this);
    record.resumed();
    this.#sendResumed();
    for (const message of missed) this.#output.send(message);
    switch (this.#life.stage) {
      case 'open':
        this.#awaitNext();
        return this.#regulate();
      case 'finishing':
        return this.#deadline.clear();
      case 'closed':
        this.#deadline.clear();
        return this.#sayLastWords();
    }
  }

  /** The connection is no more. */
  detach(closeCode: number): void {
    this.#output.detach();
    this.#deadline.clear();
    if (!this.#mayComeBack(closeCode) || !this.#options.sessions.detach(this)) return this.#leave();
    this.#options.record.detached(this.#intake.receivedMs);
    const { resumeWindowSeconds } = this.#options.stream.service.configuration;
    this.#deadline.set(() => this.#endDetached('expired'), 1000 * resumeWindowSeconds);
  }

  endDetached(): void {
    this.#endDetached('drain');
  }

  /** What comes after an error, or into a drain, is not looked at; after `finish` nothing may come. */
  #listens(): boolean {
    const { stage, ending } = this.#life;
    return stage === 'open' || (stage === 'finishing' && ending?.reason === 'finish');
  }

  #takeAudio(bytes: Buffer): void {
    this.#requireOpen('audio');
    this.#intake.take(bytes);
    this.#confirm();
    this.#regulate();
  }

  /** What a client would have to send again, were its connection lost, stays short. */
  #confirm(): void {
    const samples = this.#intake.receivedSamples;
    if (this.#id === null || samples - this.#confirmedSamples < this.#options.start.sample_rate) return;
    this.#confirmedSamples = samples;
    this.#output.offer({ type: 'accepted', samples, messages: this.#messages });
  }

  #takeMessage(message: ClientMessage): void {
    if (message.type === 'start' || message.type === 'resume') {
      const once = `${message.type} may only be the first message; open another connection for another stream.`;
      throw new FloraAsrError('start_repeated', once);
    }
    this.#requireOpen(message.type);
    this.#messages += 1;
    switch (message.type) {
      case 'flush':
        return void this.#flush();
      case 'language':
        return this.#switchLanguage(message);
      case 'finish':
        return this.#life.end({ reason: 'finish' });
    }
  }

  /** @throws FloraAsrError `audio_after_finish` */
  #requireOpen(what: string): void {
    if (this.#life.stage === 'open') return;
    const late = `Nothing may come after finish, but ${what} did; open another stream for it.`;
    throw new FloraAsrError('audio_after_finish', late);
  }

  async #flush(): Promise<void> {
    try {
      const flushed = this.#intake.flush();
      this.#regulate();
      await flushed;
    } catch (error) {
      this.fail(error);
    }
    this.#regulate();
  }

  #switchLanguage(asked: LanguageMessage): void {
    const { service, recogniser } = this.#options.stream;
    const chosen = chooseLanguage(asked, { configuration: service.configuration, engine: recogniser.engine });
    this.#intake.setLanguage(chosen.spoken);
    this.#language = chosen;
    this.#output.send({ type: 'language', ...chosen.inForce, start: toSeconds(this.#intake.receivedMs) });
  }

  #awaitNext(): void {
    const { streamIdleSeconds } = this.#options.stream.service.configuration;
    const idle = `No message came for ${streamIdleSeconds} s (STREAM_IDLE_SECONDS).`;
    this.#deadline.set(() => this.fail(new FloraAsrError('stream_idle', idle)), 1000 * streamIdleSeconds);
  }

  /** Reads from the client as long as its audio does not pile up. */
  #regulate(): void {
    const { connection } = this.#output;
    if (this.#life.stage !== 'open' || connection === null) return;
    const reading = !connection.held;
    const shouldRead = this.#intake.keepsReading(reading);
    if (shouldRead === reading) return;
    if (shouldRead) {
      this.#awaitNext();
      connection.release();
    } else {
      this.#deadline.clear(); // a client that is not read from is not idle
      connection.hold();
    }
  }

  #sendReady({ settings }: OpenedSpeech): void {
    const { streamId, service } = this.#options.stream;
    const { resumeWindowSeconds } = service.configuration;
    this.#output.send({
      type: 'ready',
      stream_id: streamId,
      ...settings,
      session: this.#id,
      resume_window: this.#id === null ? null : resumeWindowSeconds,
    });
  }

  #sendResumed(): void {
    const { streamId, service } = this.#options.stream;
    this.#output.send({
      type: 'resumed',
      session: this.#id ?? '',
      stream_id: streamId,
      samples: this.#intake.receivedSamples,
      messages: this.#messages,
      ...this.#language.inForce,
      resume_window: service.configuration.resumeWindowSeconds,
    });
  }

  #close(ending: SessionEnding<number>, lost: LostAudio | null = null): void {
    this.#life.close(ending);
    const { finals } = this.#options.record;
    const { reason } = ending;
    const closed: ServerMessage = { type: 'closed', reason, audio: toSeconds(this.#intake.receivedMs), finals };
    if (reason === 'error') {
      this.#lastWords = [errorMessage(describeError(ending.error), { fatal: true, sequence: null, lost }), closed];
    } else this.#lastWords = [closed];
    if (this.#output.connection === null) return; // said to whoever comes back
    this.#deadline.clear();
    this.#sayLastWords();
  }

  #sayLastWords(): void {
    for (const message of this.#lastWords) this.#output.send(message);
    this.#output.connection?.close(closeCodeAfter(this.#life.ending));
  }

  /** Not who has said goodbye, or has been told to go. After `finish`, that is who has answered our close frame. */
  #mayComeBack(closeCode: number): boolean {
    if (this.#id === null) return false;
    const { stage, ending } = this.#life;
    if (stage !== 'closed') return closeCode !== NORMAL_CLOSURE;
    return ending?.reason === 'finish' && closeCode === NO_GOODBYE;
  }

  #endDetached(reason: 'expired' | 'drain'): void {
    this.#life.vanish({ reason });
    this.#leave();
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#life.vanish({ reason: 'gone' });
    const { sessions, record } = this.#options;
    this.#deadline.clear();
    this.#intake.cancel();
    if (this.#id !== null) sessions.forget(this.#id, this);
    record.closed(this.#life.outcome, this.#intake.receivedMs);
  }
}

function settingsOf({ language, encoding, sample_rate: sampleRateHz, channels }: StartMessage) {
  return { language, encoding, sampleRateHz, channels };
}

function closeCodeAfter(ending: SessionEnding<number> | null): number {
  if (ending?.reason === 'error') return ending.farewell;
  return ending?.reason === 'finish' ? CLOSE_CODES.finished : CLOSE_CODES.goingAway;
}
