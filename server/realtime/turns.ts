import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { EndedUtterance, SpeechEvent } from '../../asr/streaming/speech-event.ts';
import type { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import type { ItemChain } from './item-chain.ts';
import type { LogProb, ServerEvent } from './server-events.ts';

type SpeechOf<Kind extends SpeechEvent['kind']> = Extract<SpeechEvent, { readonly kind: Kind }>;

export interface TurnsOptions {
  /** null: turns end by commits alone */
  readonly voice: { readonly prefixMs: number; readonly silenceMs: number } | null;
  /** where the stream begins in the session's audio */
  readonly offsetMs: number;
  /** shared by all streams of a session */
  readonly items: ItemChain;
  /** null: they are not wanted */
  readonly logProbsOf: (result: RecognitionResult) => readonly LogProb[] | null;
}

/** One item: the utterances between two commits, whoever makes them. */
interface Turn {
  readonly itemId: string;
  readonly startMs: number;
  endMs: number;
  committed: boolean;
  /** utterances that have ended, and have had no event yet */
  waiting: number;
  readonly finals: SpeechOf<'final'>[];
  /** of the transcript, by deltas */
  told: string;
  error: FloraAsrError | null;
}

/** OpenAI's limit for what can be committed. */
export const SHORTEST_COMMIT_MS = 100;

/**
 * The turns of one stream of speech: what happens to it goes in, what a client is told comes out. Pure, but for the
 * names of items.
 *
 * Invariants: a turn that is committed ends in one `completed` or `failed`; its deltas, joined, are its transcript; what
 * is told does not depend on when something happens, only on the order.
 */
export class Turns {
  readonly #options: TurnsOptions;
  #open: Turn | null = null;
  /** in their order; null: of a turn that was cleared */
  readonly #ended: { readonly startMs: number; readonly turn: Turn | null }[] = [];
  /** the end of the last turn */
  #committedMs = 0;
  /** where the audio begins that is in no turn, and in none's silence */
  #bufferMs = 0;
  /** since the last commit by the client */
  #flushed = false;
  #cleared = false;
  /** turns that are committed, and have no transcript yet */
  #unsettled = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** What could be committed, if so much was received. */
  bufferedMs(receivedMs: number): number {
    return Math.max(0, receivedMs - this.#bufferMs);
  }

  /** Whether nothing of what still comes will be told. */
  get forgets(): boolean {
    return this.#cleared && this.#unsettled === 0;
  }

  speechStarted(startMs: number): readonly ServerEvent[] {
    const { voice } = this.#options;
    // speech that goes on, behind a cut for its length, is still the same turn
    if (voice === null || this.#cleared || this.#open !== null) return [];
    return this.#begin(startMs - voice.prefixMs).events;
  }

  utteranceEnded({ startMs, endMs, endedBy }: Omit<EndedUtterance, 'channel'>): readonly ServerEvent[] {
    if (this.#cleared) {
      this.#ended.push({ startMs, turn: null });
      return [];
    }
    const { turn, events } = this.#openTurn(startMs);
    turn.waiting += 1;
    turn.endMs = endMs;
    this.#ended.push({ startMs, turn });
    if (this.#options.voice === null || endedBy === 'length') return events;
    this.#flushed ||= endedBy === 'flush';
    const stopped = endedBy === 'flush' ? [] : [this.#speechStopped(turn)];
    const committed = this.#commit(turn);
    if (endedBy === 'pause') this.#bufferMs = endMs + silenceAfter(this.#options.voice);
    return [...events, ...stopped, ...committed];
  }

  partial({ startMs, text, stableLength }: SpeechOf<'partial'>): readonly ServerEvent[] {
    if (this.#cleared || this.#ended.some((ended) => ended.startMs === startMs)) return [];
    const { turn, events } = this.#openTurn(startMs);
    // the words before these come first
    if (turn.waiting > 0) return events;
    return [...events, ...this.#tell(turn, joined([...textsOf(turn), text.slice(0, stableLength)]))];
  }

  final(event: SpeechOf<'final'>): readonly ServerEvent[] {
    const turn = this.#answered(event.startMs);
    if (turn == null) return [];
    turn.finals.push(event);
    return [...this.#tell(turn, joined(textsOf(turn))), ...this.#settle(turn)];
  }

  /** Of an utterance; or of all that is left, if the stream hears nothing more. */
  failed({ startMs, endMs, error }: SpeechOf<'failed'>): readonly ServerEvent[] {
    const turn = this.#answered(startMs);
    if (turn === null) return [];
    if (turn !== undefined) {
      turn.error ??= error;
      return this.#settle(turn);
    }
    if (this.#open === null) return [];
    this.#open.error ??= error;
    this.#open.endMs = endMs;
    return this.#commit(this.#open);
  }

  /**
   * The client's commit, once all audio before it has been heard, and the utterance that was open there has ended.
   * @returns null if there is too little
   */
  commit(atMs: number): readonly ServerEvent[] | null {
    const flushed = this.#flushed;
    this.#flushed = false;
    if (this.#cleared || flushed) return [];
    if (this.bufferedMs(atMs) < SHORTEST_COMMIT_MS) return null;
    return this.#commitRest(atMs);
  }

  /** The audio ends here: without a voice to end them, so does the turn that is open. */
  end(atMs: number): readonly ServerEvent[] {
    if (this.#cleared || this.#options.voice !== null) return [];
    if (atMs > this.#committedMs) return this.#commitRest(atMs);
    // the last milliseconds of a turn, which were still being resampled when it was committed
    this.clear();
    return [];
  }

  /** What is not committed is forgotten; nothing more begins. */
  clear(): void {
    this.#cleared = true;
    for (const [index, { startMs, turn }] of this.#ended.entries()) {
      if (turn === this.#open) this.#ended[index] = { startMs, turn: null };
    }
    this.#open = null;
  }

  /** A turn of what there is; of silence, if nobody spoke. */
  #commitRest(atMs: number): readonly ServerEvent[] {
    const turn = this.#open ?? this.#newTurn(this.#committedMs);
    turn.endMs = atMs;
    return this.#commit(turn);
  }

  /** The turn that an utterance belongs to; where no start of speech was told, it is now. */
  #openTurn(startMs: number): { readonly turn: Turn; readonly events: readonly ServerEvent[] } {
    if (this.#open !== null) return { turn: this.#open, events: [] };
    return this.#begin(this.#options.voice === null ? this.#committedMs : startMs);
  }

  #begin(wantedMs: number): { readonly turn: Turn; readonly events: readonly ServerEvent[] } {
    const turn = this.#newTurn(Math.max(this.#committedMs, wantedMs));
    this.#open = turn;
    if (this.#options.voice === null) return { turn, events: [] };
    const audioStartMs = this.#inSession(turn.startMs);
    const started = { type: 'input_audio_buffer.speech_started', audio_start_ms: audioStartMs, item_id: turn.itemId } as const;
    return { turn, events: [started] };
  }

  #newTurn(startMs: number): Turn {
    const itemId = this.#options.items.newId();
    return { itemId, startMs, endMs: startMs, committed: false, waiting: 0, finals: [], told: '', error: null };
  }

  #speechStopped({ itemId, endMs }: Turn): ServerEvent {
    return { type: 'input_audio_buffer.speech_stopped', audio_end_ms: this.#inSession(endMs), item_id: itemId };
  }

  #commit(turn: Turn): readonly ServerEvent[] {
    const { itemId, endMs } = turn;
    turn.committed = true;
    this.#open = null;
    this.#committedMs = endMs;
    this.#bufferMs = endMs;
    this.#unsettled += 1;
    const previous_item_id = this.#options.items.append(itemId);
    const item = itemOf(itemId);
    return [
      { type: 'input_audio_buffer.committed', item_id: itemId, previous_item_id },
      { type: 'conversation.item.added', previous_item_id, item },
      { type: 'conversation.item.done', previous_item_id, item },
      ...this.#settle(turn),
    ];
  }

  /** Undefined: no utterance that has ended begins here. */
  #answered(startMs: number): Turn | null | undefined {
    const index = this.#ended.findIndex((ended) => ended.startMs === startMs);
    if (index < 0) return undefined;
    const [ended] = this.#ended.splice(index, 1);
    if (ended?.turn) ended.turn.waiting -= 1;
    return ended?.turn;
  }

  /** What of its text is new. */
  #tell(turn: Turn, text: string): readonly ServerEvent[] {
    const delta = text.slice(turn.told.length);
    if (delta === '') return [];
    turn.told = text;
    const type = 'conversation.item.input_audio_transcription.delta';
    return [{ type, item_id: turn.itemId, content_index: 0, delta }];
  }

  /** Its last event, once there is nothing to wait for. */
  #settle(turn: Turn): readonly ServerEvent[] {
    if (!turn.committed || turn.waiting > 0) return [];
    this.#unsettled -= 1;
    const { itemId: item_id, error } = turn;
    if (error === null) return [this.#completed(turn)];
    const { type, code, message, param } = describeError(error);
    const told = { type, code, message, ...(param !== null && { param }) };
    return [{ type: 'conversation.item.input_audio_transcription.failed', item_id, content_index: 0, error: told }];
  }

  #completed({ itemId, startMs, endMs, told, finals }: Turn): ServerEvent {
    const logProbs = finals.map(({ result }) => this.#options.logProbsOf(result)).filter((some) => some !== null);
    const languages = [...new Set(finals.map(({ language }) => language))];
    return {
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: itemId,
      content_index: 0,
      transcript: told,
      usage: { type: 'duration', seconds: Math.round(endMs - startMs) / 1000 },
      ...(logProbs.length > 0 && { logprobs: logProbs.flat() }),
      languages: languages.map((code) => ({ code })),
      adapters: adaptersOf(finals),
    };
  }

  #inSession(ms: number): number {
    return Math.round(this.#options.offsetMs + ms);
  }
}

/** Of the silence that ended a turn, what is not kept in it. */
function silenceAfter({ prefixMs, silenceMs }: { readonly prefixMs: number; readonly silenceMs: number }): number {
  return Math.max(0, silenceMs - prefixMs);
}

function textsOf({ finals }: Turn): readonly string[] {
  return finals.map(({ result }) => result.text);
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

/** Each once, in their order. */
function adaptersOf(finals: readonly SpeechOf<'final'>[]): RecognitionResult['adapter'][] {
  const byDigest = new Map(finals.map(({ result: { adapter } }) => [adapter?.digest ?? null, adapter]));
  return [...byDigest.values()];
}

function itemOf(id: string) {
  return {
    id,
    object: 'realtime.item',
    type: 'message',
    status: 'completed',
    role: 'user',
    content: [{ type: 'input_audio' as const }],
  } as const satisfies Extract<ServerEvent, { type: 'conversation.item.done' }>['item'];
}
