import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Client } from '../access/access.ts';
import { describeError } from '../describe-error.ts';
import { CLOSE_CODES, type ClientMessage, type StartMessage } from '../protocol/stream-messages.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';
import type { AudioIntake } from '../sockets/audio-intake.ts';
import { StreamConnection } from '../sockets/connection.ts';
import { Deadline, type Scheduler } from '../sockets/scheduler.ts';
import type { SessionSocket } from '../sockets/session-socket.ts';
import { type LostAudio, type StreamOutcome, StreamRecord } from '../sockets/stream-record.ts';
import { closeCodeOf } from './close-code.ts';
import { errorMessage, finalMessage, toSeconds } from './event-message.ts';
import { openSpeech } from './open-speech.ts';
import { parseClientMessage } from './parse-client-message.ts';

export interface StreamSessionOptions {
  readonly socket: SessionSocket;
  readonly service: Pick<Service, 'configuration' | 'metrics' | 'log'>;
  readonly recogniser: Recogniser;
  readonly client: Client;
  readonly streamId: string;
  readonly schedule: Scheduler;
  /** Comes once, when the connection is no more. */
  readonly onClosed: () => void;
}

/** Why a stream ends. */
type Ending =
  | { readonly reason: 'finish' | 'drain' }
  | { readonly reason: 'error'; readonly error: unknown; readonly closeCode: number };

type State =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'open'; readonly intake: AudioIntake }
  | { readonly kind: 'finishing'; readonly ending: Ending }
  | { readonly kind: 'closed' };

/** How long the client of a stream that is cut off may take to read why. */
const LAST_WORDS_MS = 1_000;

/**
 * One stream of `/v1/stream`: waiting for `start`, open, finishing, closed.
 *
 * Invariants: what was accepted is answered before the stream is closed, whatever ends it, unless its client has gone
 * or the service must end at once. Once a stream finishes, no audio is accepted.
 */
export class StreamSession {
  readonly #options: StreamSessionOptions;
  readonly #record: StreamRecord;
  readonly #connection: StreamConnection;
  readonly #deadline: Deadline;
  #state: State = { kind: 'waiting' };
  /** from `start` on, in every state */
  #intake: AudioIntake | null = null;
  #outcome: StreamOutcome = { reason: 'gone' };

  constructor(options: StreamSessionOptions) {
    const { socket, service, schedule, streamId, client } = options;
    const { pingSeconds, maxFrameBytes, startTimeoutSeconds } = service.configuration;
    this.#options = options;
    const log = service.log.child({ streamId, client: client.name });
    this.#record = new StreamRecord({ protocol: 'stream', metrics: service.metrics, log });
    this.#deadline = new Deadline(schedule);
    this.#connection = new StreamConnection({
      socket,
      schedule,
      pingMs: 1000 * pingSeconds,
      maxFrameBytes,
      onMessage: (data, isBinary) => this.#take(data, isBinary),
      onBroken: (error, closeCode) => this.#fail(error, closeCode),
      onSlowReader: () => this.#giveUpReader(),
      onGone: () => this.#leave(),
    });
    const late = `No start came within ${startTimeoutSeconds} s (START_TIMEOUT_SECONDS).`;
    this.#deadline.set(() => this.#fail(new FloraAsrError('start_timeout', late)), 1000 * startTimeoutSeconds);
  }

  /** As if the client had sent `finish`; it is told `drain`. */
  drain(): void {
    this.#end({ reason: 'drain' });
  }

  /** Ends it at once: what is not answered yet is lost, and its time is told. */
  abort(): void {
    if (this.#state.kind !== 'closed') {
      const error = new FloraAsrError('draining', 'The service had to end before all of the stream was recognised.');
      const lost = this.#record.unanswered(this.#receivedMs);
      this.#intake?.cancel();
      this.#record.refused(error);
      this.#close({ reason: 'error', error, closeCode: CLOSE_CODES.goingAway }, lost);
    }
    this.#options.schedule(() => this.#connection.terminate(), LAST_WORDS_MS);
  }

  get #receivedMs(): number {
    return this.#intake?.receivedMs ?? 0;
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (!this.#listens()) return;
    if (this.#state.kind === 'open') this.#awaitNext();
    try {
      if (isBinary) this.#takeAudio(data);
      else this.#takeMessage(parseClientMessage(data.toString()));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What comes after an error, or into a drain, is not looked at; after `finish` nothing may come. */
  #listens(): boolean {
    if (this.#state.kind === 'finishing') return this.#state.ending.reason === 'finish';
    return this.#state.kind !== 'closed';
  }

  #takeAudio(bytes: Buffer): void {
    this.#openIntake('audio').take(bytes);
    this.#regulate();
  }

  #takeMessage(message: ClientMessage): void {
    if (message.type === 'start') return this.#start(message);
    const intake = this.#openIntake(message.type);
    if (message.type === 'finish') return this.#end({ reason: 'finish' });
    void this.#flush(intake);
  }

  async #flush(intake: AudioIntake): Promise<void> {
    try {
      const flushed = intake.flush();
      this.#regulate();
      await flushed;
    } catch (error) {
      this.#fail(error);
    }
    this.#regulate();
  }

  /** @throws FloraAsrError `start_missing`, `audio_after_finish` */
  #openIntake(what: string): AudioIntake {
    if (this.#state.kind === 'open') return this.#state.intake;
    if (this.#state.kind === 'waiting')
      throw new FloraAsrError('start_missing', `The first message must be start, not ${what}.`);
    throw new FloraAsrError(
      'audio_after_finish',
      `Nothing may come after finish, but ${what} did; open another stream for it.`,
    );
  }

  /** @throws FloraAsrError `start_repeated`, or as `openSpeech` */
  #start(start: StartMessage): void {
    if (this.#state.kind !== 'waiting') {
      throw new FloraAsrError(
        'start_repeated',
        'The stream has its settings from its first start; open another one for others.',
      );
    }
    const { service, recogniser, streamId } = this.#options;
    const { intake, ready } = openSpeech(start, {
      configuration: service.configuration,
      recogniser,
      streamId,
      onEvent: (event) => this.#tell(event, start.language),
      onProgress: () => this.#regulate(),
    });
    this.#intake = intake;
    this.#state = { kind: 'open', intake };
    this.#record.started({ channels: start.channels, settings: settingsOf(start) });
    this.#awaitNext();
    this.#connection.send(ready);
  }

  #awaitNext(): void {
    const { streamIdleSeconds } = this.#options.service.configuration;
    const idle = `No message came for ${streamIdleSeconds} s (STREAM_IDLE_SECONDS).`;
    this.#deadline.set(() => this.#fail(new FloraAsrError('stream_idle', idle)), 1000 * streamIdleSeconds);
  }

  /** Reads from the client as long as its audio does not pile up. */
  #regulate(): void {
    if (this.#state.kind !== 'open') return;
    const reading = !this.#connection.held;
    const shouldRead = this.#state.intake.keepsReading(reading);
    if (shouldRead === reading) return;
    if (shouldRead) {
      this.#awaitNext();
      this.#connection.release();
    } else {
      this.#deadline.clear(); // a client that is not read from is not idle
      this.#connection.hold();
    }
  }

  #tell(event: SpeechEvent, language: string): void {
    const { channel } = event;
    if (event.kind === 'speech-started') {
      return this.#connection.send({ type: 'speech_started', channel, start: toSeconds(event.startMs) });
    }
    if (event.kind === 'partial') return;
    const sequence = this.#record.finals;
    this.#record.answered(event);
    if (event.kind === 'final') this.#connection.send(finalMessage(event, { language, sequence }));
    else this.#connection.send(errorMessage(describeError(event.error), { fatal: false, lost: event }));
  }

  /** The stream ends by an error, once what was accepted before it has been answered. */
  #fail(error: unknown, closeCode: number = closeCodeOf(describeError(error))): void {
    if (!this.#listens()) return;
    this.#record.refused(error);
    this.#end({ reason: 'error', error, closeCode });
  }

  #end(ending: Ending): void {
    switch (this.#state.kind) {
      case 'closed':
        return;
      case 'finishing':
        // an error is told instead of what it came after; a drain changes nothing
        if (ending.reason === 'error') this.#state = { kind: 'finishing', ending };
        return;
      case 'waiting':
        return this.#close(ending);
      case 'open':
        void this.#finish(this.#state.intake, ending);
    }
  }

  async #finish(intake: AudioIntake, ending: Ending): Promise<void> {
    this.#state = { kind: 'finishing', ending };
    this.#deadline.clear();
    this.#connection.release(); // what comes now is not accepted, but a goodbye is heard
    try {
      await intake.finish();
    } catch (error) {
      this.#fail(error);
    }
    const state = this.#state as State; // it may have changed meanwhile
    if (state.kind === 'finishing') this.#close(state.ending);
  }

  #close(ending: Ending, lost: LostAudio | null = null): void {
    const { reason } = ending;
    this.#state = { kind: 'closed' };
    this.#deadline.clear();
    this.#outcome = { reason };
    if (ending.reason === 'error') {
      const description = describeError(ending.error);
      this.#outcome = { reason, code: description.code };
      this.#connection.send(errorMessage(description, { fatal: true, lost }));
    }
    const { finals } = this.#record;
    this.#connection.send({ type: 'closed', reason, audio: toSeconds(this.#receivedMs), finals });
    this.#connection.close(closeCodeAfter(ending));
  }

  /** It would not see why, either. */
  #giveUpReader(): void {
    const error = new FloraAsrError('reader_too_slow', 'The client does not read its events.');
    this.#record.refused(error);
    this.#intake?.cancel();
    this.#state = { kind: 'closed' };
    this.#outcome = { reason: 'error', code: error.code };
    this.#connection.terminate();
  }

  #leave(): void {
    this.#state = { kind: 'closed' };
    this.#deadline.clear();
    this.#intake?.cancel();
    this.#record.closed(this.#outcome, this.#receivedMs);
    this.#options.onClosed();
  }
}

function settingsOf({ language, encoding, sample_rate: sampleRateHz, channels }: StartMessage) {
  return { language, encoding, sampleRateHz, channels };
}

function closeCodeAfter(ending: Ending): number {
  if (ending.reason === 'error') return ending.closeCode;
  return ending.reason === 'finish' ? CLOSE_CODES.finished : CLOSE_CODES.goingAway;
}
