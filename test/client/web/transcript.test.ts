import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';
import { AudioClock } from '../../../client/web/captions/audio-clock.ts';
import {
  afterEvent,
  EMPTY_TRANSCRIPT,
  type FinalEvent,
  finalsOf,
  median,
  type PartialEvent,
  type Transcript,
  textOf,
} from '../../../client/web/captions/transcript.ts';

type Ready = Extract<StreamEvent, { readonly type: 'ready' }>;
type ErrorEvent = Extract<StreamEvent, { readonly type: 'error' }>;

const READY = { type: 'ready', endpointing: { silence_ms: 500, prefix_ms: 300, threshold: 0.5 } } as Ready;
const speechAt = (start: number): StreamEvent => ({ type: 'speech_started', channel: 0, start });

function partial(text: string, start: number): PartialEvent {
  return { type: 'partial', channel: 0, text, stable_length: 0, start, end: start + 1, language: 'el' };
}

function final(text: string, start: number, end: number): FinalEvent {
  return {
    type: 'final',
    sequence: 0,
    channel: 0,
    text,
    start,
    end,
    language: 'el',
    confidence: 0.9,
    adapter: null,
    ended_by: 'pause',
    timings: { wait_ms: 1, encode_ms: 2, decode_ms: 3, total_ms: 6 },
  } as FinalEvent;
}

function lost(start: number | null, end: number | null): ErrorEvent {
  const channel = start === null ? null : 0;
  return {
    type: 'error',
    sequence: start === null ? null : 0,
    code: 'engine_failed',
    message: 'It failed.',
    param: null,
    retryable: true,
    fatal: false,
    channel,
    start,
    end,
  };
}

/** Events, each with the moment it comes at. */
function transcriptOf(
  events: readonly (readonly [event: StreamEvent, nowMs: number])[],
  clock: AudioClock | null = null,
): Transcript {
  return events.reduce((transcript, [event, nowMs]) => afterEvent(transcript, event, { nowMs, clock }), EMPTY_TRANSCRIPT);
}

/** Audio that is there as it is spoken, in pieces of 100 ms; its first sample at 1,000 ms. */
function spokenLive(): AudioClock {
  const clock = new AudioClock();
  for (let piece = 1; piece <= 100; piece += 1) clock.mark(piece / 10, 1_000 + 100 * piece);
  return clock;
}

describe('a transcript', () => {
  it('shows a partial until its final comes, which stays', () => {
    const speaking = transcriptOf([
      [READY, 0],
      [speechAt(0.4), 10],
      [partial('Μεγα', 0.4), 20],
    ]);
    expect(speaking).toMatchObject({ connection: 'open', partial: { text: 'Μεγα' }, speech: [{ start: 0.4, end: null }] });
    const said = afterEvent(speaking, final('Μεγαλύτερο.', 0.1, 1.8), { nowMs: 30, clock: null });
    expect(said).toMatchObject({ partial: null, speech: [{ start: 0.4, end: 1.8 }] });
    expect(textOf(said)).toBe('Μεγαλύτερο.');
  });

  it('has no line for what sounded like speech and has no words', () => {
    const nothing = transcriptOf([
      [speechAt(0.4), 0],
      [final('', 0.1, 1.8), 10],
    ]);
    expect([nothing.entries, nothing.speech]).toEqual([[], [{ start: 0.4, end: 1.8 }]]);
  });

  it('ends the stretches of speech in their order, when a second one began before the first had its words', () => {
    const two = transcriptOf([
      [speechAt(0.4), 0],
      [speechAt(2.4), 10],
      [final('a', 0.1, 1.8), 20],
    ]);
    expect(two.speech).toEqual([
      { start: 0.4, end: 1.8 },
      { start: 2.4, end: null },
    ]);
  });

  it('says which stretch of audio was lost, and nothing of errors that lost none', () => {
    const failed = transcriptOf([
      [speechAt(0.4), 0],
      [lost(0.1, 1.8), 10],
      [lost(null, null), 20],
      [final('b', 2, 3), 30],
    ]);
    expect(failed.entries).toEqual([
      { kind: 'lost', start: 0.1, end: 1.8, message: 'It failed.' },
      expect.objectContaining({ kind: 'caption' }),
    ]);
    expect(finalsOf(failed.entries).map(({ text }) => text)).toEqual(['b']);
  });

  it('knows whether the connection is there', () => {
    const connection = (...events: StreamEvent[]) => transcriptOf(events.map((event) => [event, 0] as const)).connection;
    const away: StreamEvent = { type: 'reconnecting', attempt: 1, waitMs: 250 };
    const back = { type: 'resumed' } as StreamEvent;
    expect([connection(), connection(READY), connection(READY, away), connection(READY, away, back)]).toEqual([
      'opening',
      'open',
      'reconnecting',
      'open',
    ]);
    expect(connection(READY, { type: 'closed', reason: 'finish', audio: 1, finals: 1 })).toBe('closed');
  });

  it('measures delays from the sound: to the first words from its beginning, to the final from its end without the quiet behind it', () => {
    const { latency } = transcriptOf(
      [
        [READY, 1_000],
        [speechAt(0.4), 1_700],
        [partial('α', 0.4), 2_100], // the speech began at 1,400
        [partial('αβ', 0.4), 2_500],
        [final('αβγ', 0.1, 2.3), 3_450], // the last sound was at 2.0 s, so at 3,000
      ],
      spokenLive(),
    );
    expect(latency.firstWords).toEqual([expect.closeTo(700, 6)]);
    expect(latency.finals).toEqual([expect.closeTo(450, 6)]);
  });

  it('measures nothing of audio that does not come at the pace of speech', () => {
    const { latency } = transcriptOf([
      [READY, 0],
      [speechAt(0.4), 1],
      [partial('α', 0.4), 2],
      [final('α', 0.1, 2), 3],
    ]);
    expect(latency).toEqual({ firstWords: [], finals: [] });
  });
});

describe('AudioClock', () => {
  it('knows moments within pieces, and none of audio that is still to come', () => {
    const clock = spokenLive();
    expect(clock.momentOf(0)).toBeCloseTo(1_000, 6);
    expect(clock.momentOf(3.21)).toBeCloseTo(4_210, 6);
    expect(clock.momentOf(10.1)).toBeNull();
  });
});

describe('median', () => {
  it.each([
    [[], null],
    [[3], 3],
    [[9, 1, 5], 5],
  ])('of %j is %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
