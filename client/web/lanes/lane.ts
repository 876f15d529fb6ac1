import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ClientStream } from '../../sdk/client-stream.ts';
import { openStream } from '../../sdk/open-stream.ts';
import { type AudioFeed, SAMPLE_RATE_HZ } from '../audio/audio-feed.ts';
import { AudioClock } from '../captions/audio-clock.ts';
import { Outline } from '../captions/outline.ts';
import { afterEvent, EMPTY_TRANSCRIPT, type Transcript } from '../captions/transcript.ts';

/** `''`: the language decides; null: the base model; else an adapter's id. */
export type AdapterChoice = string | null;

export type LaneState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'listening' }
  /** no more audio comes; the last words do */
  | { readonly kind: 'finishing' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

/** One stream to the service, of the one or two that a lane's audio goes into. */
export interface Side {
  readonly adapter: AdapterChoice;
  readonly transcript: Signal<Transcript>;
}

/** A place of the page with audio of its own: its settings, its sound as it comes, and what was heard in it. */
export interface Lane {
  readonly id: number;
  readonly language: Signal<string>;
  readonly adapter: Signal<AdapterChoice>;
  /** beside the base model, on the same audio */
  readonly compare: Signal<boolean>;
  readonly state: Signal<LaneState>;
  readonly sides: Signal<readonly Side[]>;
  readonly busy: ReadonlySignal<boolean>;
  /** what it plays, for people */
  readonly title: Signal<string>;
  /** replaced with each start; `version` rises with each piece */
  readonly outline: Signal<Outline>;
  readonly version: Signal<number>;
  /** whether delays mean something */
  readonly live: Signal<boolean>;
  readonly feed: Signal<AudioFeed | null>;
  /** ends what goes on, whatever is still to be said */
  readonly cancelling: Signal<AbortController>;
}

/** Bars of the waveform are so far apart. */
export const SAMPLES_PER_BAR = SAMPLE_RATE_HZ / 25;

let laneCount = 0;

export function createLane(language: string): Lane {
  laneCount += 1;
  const state = signal<LaneState>({ kind: 'idle' });
  return {
    id: laneCount,
    language: signal(language),
    adapter: signal<AdapterChoice>(''),
    compare: signal(false),
    state,
    sides: signal<readonly Side[]>([]),
    busy: computed(() => ['opening', 'listening', 'finishing'].includes(state.value.kind)),
    title: signal(''),
    outline: signal(new Outline(SAMPLES_PER_BAR)),
    version: signal(0),
    live: signal(false),
    feed: signal<AudioFeed | null>(null),
    cancelling: signal(new AbortController()),
  };
}

export interface StartOptions {
  readonly title: string;
  readonly apiKey: string;
  /** Asked for when the service takes audio, so that none is lost. May refuse, with a sentence for people. */
  readonly openFeed: () => Promise<AudioFeed>;
  readonly onFinal: (text: string, language: string) => void;
}

/** Runs a lane from its first sample to its last word. What goes wrong becomes its state. */
export async function runLane(lane: Lane, options: StartOptions): Promise<void> {
  const cancelling = new AbortController();
  lane.cancelling.value = cancelling;
  lane.state.value = { kind: 'opening' };
  lane.title.value = options.title;
  lane.outline.value = new Outline(SAMPLES_PER_BAR);
  lane.sides.value = adaptersOf(lane).map((adapter) => ({ adapter, transcript: signal(EMPTY_TRANSCRIPT) }));
  try {
    const feed = await options.openFeed();
    lane.feed.value = feed;
    lane.live.value = feed.live;
    try {
      const streams = await Promise.all(
        lane.sides.value.map(async ({ adapter }) => open(lane, adapter, options, cancelling.signal)),
      );
      lane.state.value = { kind: 'listening' };
      await listen(lane, { feed, streams, options });
    } finally {
      feed.stop();
    }
    lane.state.value = { kind: 'done' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    lane.state.value = cancelling.signal.aborted ? { kind: 'done' } : { kind: 'failed', message };
  } finally {
    cancelling.abort();
    lane.feed.value = null;
  }
}

/** No more audio: what was said is still recognised. */
export function stopLane(lane: Lane): void {
  if (lane.state.value.kind === 'listening') lane.state.value = { kind: 'finishing' };
  lane.feed.value?.stop();
}

/** Ends it at once; what has no words yet gets none. */
export function cancelLane(lane: Lane): void {
  lane.cancelling.value.abort();
  lane.feed.value?.stop();
}

function adaptersOf(lane: Lane): readonly AdapterChoice[] {
  return lane.compare.value ? [lane.adapter.value === null ? '' : lane.adapter.value, null] : [lane.adapter.value];
}

async function open(lane: Lane, adapter: AdapterChoice, { apiKey }: StartOptions, signal: AbortSignal): Promise<ClientStream> {
  return openStream({
    url: location.origin,
    apiKey: apiKey === '' ? undefined : apiKey,
    language: lane.language.value,
    partials: true,
    words: true,
    signal,
    ...(adapter !== '' && { adapter }),
  });
}

interface Listening {
  readonly feed: AudioFeed;
  readonly streams: readonly ClientStream[];
  readonly options: StartOptions;
}

async function listen(lane: Lane, { feed, streams, options }: Listening): Promise<void> {
  const clock = new AudioClock();
  const reading = streams.map(async (stream, index) => {
    const side = lane.sides.value[index] as Side;
    for await (const event of stream) {
      const moment = { nowMs: performance.now(), clock: feed.live ? clock : null };
      side.transcript.value = afterEvent(side.transcript.value, event, moment);
      // of a comparison one side is read aloud
      if (event.type === 'final' && event.text !== '' && index === 0) options.onFinal(event.text, event.language);
    }
  });
  const sending = send(lane, { feed, streams, options }, clock);
  try {
    await Promise.all([...reading, sending]);
  } finally {
    feed.stop();
    await Promise.allSettled([...reading, sending]);
  }
}

async function send(lane: Lane, { feed, streams }: Listening, clock: AudioClock): Promise<void> {
  for await (const piece of feed.pieces) {
    const outline = lane.outline.value;
    outline.push(piece);
    clock.mark(outline.samples / SAMPLE_RATE_HZ, performance.now());
    lane.version.value += 1;
    await Promise.all(streams.map(async (stream) => stream.send(piece)));
  }
  if (lane.state.value.kind === 'listening') lane.state.value = { kind: 'finishing' };
  await Promise.all(streams.map(async (stream) => stream.finish()));
}
