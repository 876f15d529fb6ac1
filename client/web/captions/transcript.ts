import type { StreamEvent } from '../../sdk/stream-event.ts';
import type { AudioClock } from './audio-clock.ts';

type ServerEvent<Type extends StreamEvent['type']> = Extract<StreamEvent, { readonly type: Type }>;
export type FinalEvent = ServerEvent<'final'>;
export type PartialEvent = ServerEvent<'partial'>;
export type Word = NonNullable<FinalEvent['words']>[number];

/** What is shown of an utterance that has ended. */
export type Entry =
  | { readonly kind: 'caption'; readonly final: FinalEvent }
  /** no words: the service says why */
  | { readonly kind: 'lost'; readonly start: number; readonly end: number; readonly message: string };

/** A stretch of speech, as the service found it, in seconds. */
export interface SpeechSpan {
  readonly start: number;
  /** null while it is spoken */
  readonly end: number | null;
}

export interface Latency {
  /** from the first sound of speech to the first words, in milliseconds */
  readonly firstWords: readonly number[];
  /** from the last sound of speech to the words that stay */
  readonly finals: readonly number[];
}

export interface Transcript {
  readonly ready: ServerEvent<'ready'> | null;
  readonly connection: 'opening' | 'open' | 'reconnecting' | 'closed';
  readonly entries: readonly Entry[];
  readonly partial: PartialEvent | null;
  readonly speech: readonly SpeechSpan[];
  readonly latency: Latency;
  /** how often the connection was resumed */
  readonly resumptions: number;
}

export const EMPTY_TRANSCRIPT: Transcript = {
  ready: null,
  connection: 'opening',
  entries: [],
  partial: null,
  speech: [],
  latency: { firstWords: [], finals: [] },
  resumptions: 0,
};

export interface Moment {
  readonly nowMs: number;
  /** of the stream's audio; null where it does not come at the pace of speech */
  readonly clock: AudioClock | null;
}

/** What is shown after an event. Pure, but for the clock that it is given. */
export function afterEvent(transcript: Transcript, event: StreamEvent, moment: Moment): Transcript {
  switch (event.type) {
    case 'ready':
      return { ...transcript, ready: event, connection: 'open' };
    case 'reconnecting':
      return { ...transcript, connection: 'reconnecting' };
    case 'resumed':
      return { ...transcript, connection: 'open', resumptions: transcript.resumptions + 1 };
    case 'speech_started':
      return { ...transcript, speech: [...transcript.speech, { start: event.start, end: null }] };
    case 'partial':
      return withPartial(transcript, event, moment);
    case 'final':
      return withFinal(transcript, event, moment);
    case 'error':
      return withError(transcript, event);
    case 'closed':
      return { ...transcript, connection: 'closed', partial: null };
    case 'language':
      return transcript;
  }
}

function withPartial(transcript: Transcript, partial: PartialEvent, moment: Moment): Transcript {
  const begun = transcript.speech.at(-1);
  const isFirst = transcript.partial === null && partial.text !== '' && begun?.end === null;
  const delay = isFirst ? delayAfter(begun.start, moment) : null;
  const { latency } = transcript;
  const firstWords = delay === null ? latency.firstWords : [...latency.firstWords, delay];
  return { ...transcript, partial, latency: { ...latency, firstWords } };
}

function withFinal(transcript: Transcript, final: FinalEvent, moment: Moment): Transcript {
  const { ready, latency } = transcript;
  // quiet is kept behind the speech that a pause has ended
  const padding = final.ended_by === 'pause' && ready !== null && ready.endpointing !== false ? ready.endpointing.prefix_ms : 0;
  const delay = delayAfter(final.end - padding / 1000, moment);
  return {
    ...transcript,
    entries: final.text === '' ? transcript.entries : [...transcript.entries, { kind: 'caption', final }],
    partial: null,
    speech: ended(transcript.speech, final.end),
    latency: delay === null || final.text === '' ? latency : { ...latency, finals: [...latency.finals, delay] },
  };
}

function withError(transcript: Transcript, { start, end, message }: ServerEvent<'error'>): Transcript {
  if (start === null || end === null) return transcript;
  const entries: readonly Entry[] = [...transcript.entries, { kind: 'lost', start, end, message }];
  return { ...transcript, entries, partial: null, speech: ended(transcript.speech, end) };
}

/** The first stretch that is open has ended there: outcomes come in the order of speech. */
function ended(speech: readonly SpeechSpan[], end: number): readonly SpeechSpan[] {
  const open = speech.findIndex((span) => span.end === null && span.start <= end);
  return speech.map((span, index) => (index === open ? { ...span, end } : span));
}

function delayAfter(seconds: number, { nowMs, clock }: Moment): number | null {
  const spokenMs = clock?.momentOf(seconds) ?? null;
  return spokenMs === null ? null : Math.max(0, nowMs - spokenMs);
}

/** The middle one; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? null;
}

/** All that was said, an utterance a line. */
export function textOf({ entries }: Transcript): string {
  return finalsOf(entries)
    .map(({ text }) => text)
    .join('\n');
}

export function finalsOf(entries: readonly Entry[]): readonly FinalEvent[] {
  return entries.flatMap((entry) => (entry.kind === 'caption' ? [entry.final] : []));
}
