import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { createItemChain } from '../../../server/realtime/item-chain.ts';
import type { ServerEvent, ServerEventType } from '../../../server/realtime/server-events.ts';
import { Turns } from '../../../server/realtime/turns.ts';

type SpeechOf<Kind extends SpeechEvent['kind']> = Extract<SpeechEvent, { readonly kind: Kind }>;

const VOICE = { prefixMs: 300, silenceMs: 500 };

function turnsBy(voice: typeof VOICE | null, offsetMs = 0): Turns {
  let items = 0;
  const newName = () => {
    items += 1;
    return `${items}`;
  };
  return new Turns({ voice, offsetMs, items: createItemChain(newName), logProbsOf: () => null });
}

function final(startMs: number, text: string, language = 'es'): SpeechOf<'final'> {
  return {
    kind: 'final',
    channel: 0,
    language,
    startMs,
    endMs: startMs + 1_000,
    endedBy: 'pause',
    result: {
      text,
      tokens: [],
      tokenLogProbs: [],
      words: null,
      temperature: 0,
      noSpeechProb: 0,
      context: 150,
      attempts: 1,
      trips: [],
      timings: { waitMs: 0, featuresMs: 0, encodeMs: 0, decodeMs: 0, totalMs: 0 },
      adapter: null,
    },
    endToFinalMs: 0,
  };
}

function partial(startMs: number, text: string, stableLength: number): SpeechOf<'partial'> {
  return { kind: 'partial', channel: 0, startMs, endMs: startMs + 500, language: 'es', text, stableLength, words: [] };
}

function failed(startMs: number): SpeechOf<'failed'> {
  const error = new FloraAsrError('queue_full', 'Too many.');
  return { kind: 'failed', channel: 0, startMs, endMs: startMs + 1_000, error };
}

const typesOf = (events: readonly ServerEvent[] | null): readonly (ServerEventType | undefined)[] =>
  (events ?? []).map(({ type }) => type);
const deltasOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => (event.type === 'conversation.item.input_audio_transcription.delta' ? [event.delta] : []));
const completedOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => (event.type === 'conversation.item.input_audio_transcription.completed' ? [event] : []));

describe('turns by voice', () => {
  it('begin with the padding before their speech, in the audio of the session', () => {
    const turns = turnsBy(VOICE, 10_000.4);
    expect(turns.speechStarted(1_000)).toEqual([
      { type: 'input_audio_buffer.speech_started', audio_start_ms: 10_700, item_id: 'item_1' },
    ]);
    const ended = turns.utteranceEnded({ startMs: 700, endMs: 2_300, endedBy: 'pause' });
    expect(ended[0]).toEqual({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: 12_300, item_id: 'item_1' });
    // no padding from the turn before
    expect(turns.speechStarted(2_400)[0]).toMatchObject({ audio_start_ms: 12_300, item_id: 'item_2' });
  });

  it('are one turn where speech goes on behind a cut for its length', () => {
    const turns = turnsBy(VOICE);
    turns.speechStarted(0);
    expect(turns.utteranceEnded({ startMs: 0, endMs: 25_000, endedBy: 'length' })).toEqual([]);
    expect(turns.speechStarted(25_000)).toEqual([]);
    // the words before these come first
    expect(turns.partial(partial(25_000, 'tres cuatro', 4))).toEqual([]);
    expect(deltasOf(turns.final(final(0, 'uno dos')))).toEqual(['uno dos']);
    expect(deltasOf(turns.partial(partial(25_000, 'tres cuatro', 4)))).toEqual([' tres']);
    const ended = turns.utteranceEnded({ startMs: 25_000, endMs: 28_000, endedBy: 'pause' });
    expect(typesOf(ended)).toContain('input_audio_buffer.committed');
    const events = turns.final(final(25_000, 'tres cuatro'));
    expect(deltasOf(events)).toEqual([' cuatro']);
    expect(completedOf(events)).toMatchObject([{ transcript: 'uno dos tres cuatro', usage: { seconds: 28 } }]);
  });

  it('begin where an utterance shows that nobody said so', () => {
    const turns = turnsBy(VOICE);
    turns.speechStarted(1_000);
    turns.utteranceEnded({ startMs: 700, endMs: 2_000, endedBy: 'language' });
    const ended = turns.utteranceEnded({ startMs: 2_000, endMs: 3_000, endedBy: 'pause' });
    expect(typesOf(ended).slice(0, 3)).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
    ]);
  });

  it('have nothing to commit in the silence that ended one, and an empty turn in later silence', () => {
    const turns = turnsBy(VOICE);
    turns.speechStarted(1_000);
    turns.utteranceEnded({ startMs: 700, endMs: 2_300, endedBy: 'pause' });
    expect(turns.bufferedMs(2_500)).toBe(0);
    expect(turns.commit(2_599)).toBeNull();
    expect(completedOf(turns.commit(2_600) ?? [])).toMatchObject([{ transcript: '', languages: [], adapters: [] }]);
  });

  it('take a commit for done if it ended the speech', () => {
    const turns = turnsBy(VOICE);
    turns.speechStarted(1_000);
    const ended = turns.utteranceEnded({ startMs: 700, endMs: 1_500, endedBy: 'flush' });
    expect(typesOf(ended)[0]).toBe('input_audio_buffer.committed');
    expect(turns.commit(1_900)).toEqual([]);
    expect(turns.commit(1_900)).not.toBeNull();
  });

  it('fail once, if the detector fails, or one of their utterances', () => {
    const turns = turnsBy(VOICE);
    turns.speechStarted(1_000);
    expect(typesOf(turns.failed(failed(700)))).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.failed',
    ]);
    turns.utteranceEnded({ startMs: 2_000, endMs: 3_000, endedBy: 'length' });
    turns.utteranceEnded({ startMs: 3_000, endMs: 4_000, endedBy: 'pause' });
    expect(turns.failed(failed(2_000))).toEqual([]);
    expect(turns.final(final(3_000, 'dos')).at(-1)).toMatchObject({
      type: 'conversation.item.input_audio_transcription.failed',
      error: { code: 'queue_full', type: 'server_error', message: 'Too many.' },
    });
    expect(turns.failed(failed(9_000))).toEqual([]);
  });

  it('say nothing more of what was cleared', () => {
    const turns = turnsBy(VOICE);
    turns.utteranceEnded({ startMs: 0, endMs: 1_000, endedBy: 'pause' });
    turns.utteranceEnded({ startMs: 1_000, endMs: 2_000, endedBy: 'length' });
    turns.clear();
    expect(turns.forgets).toBe(false);
    expect(turns.speechStarted(2_500)).toEqual([]);
    expect(turns.partial(partial(2_000, 'a', 1))).toEqual([]);
    expect(turns.utteranceEnded({ startMs: 2_000, endMs: 3_000, endedBy: 'finish' })).toEqual([]);
    expect(completedOf(turns.final(final(0, 'uno')))).toHaveLength(1);
    expect(turns.forgets).toBe(true);
    for (const startMs of [1_000, 2_000]) expect(turns.final(final(startMs, 'dos'))).toEqual([]);
  });
});

describe('turns by commits alone', () => {
  it('have all utterances between two commits, and their languages', () => {
    const turns = turnsBy(null, 5_000);
    expect(turns.speechStarted(500)).toEqual([]);
    turns.utteranceEnded({ startMs: 0, endMs: 2_000, endedBy: 'language' });
    turns.utteranceEnded({ startMs: 2_000, endMs: 3_000, endedBy: 'flush' });
    expect(typesOf(turns.commit(3_004))).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    turns.final(final(0, 'uno', 'es'));
    expect(completedOf(turns.final(final(2_000, 'deux', 'fr')))).toMatchObject([
      { transcript: 'uno deux', languages: [{ code: 'es' }, { code: 'fr' }], usage: { seconds: 3.004 } },
    ]);
    expect(turns.bufferedMs(3_104)).toBe(100);
  });

  it('commit the rest at the end, but not what was left in the resampler', () => {
    const turns = turnsBy(null);
    turns.utteranceEnded({ startMs: 0, endMs: 996, endedBy: 'flush' });
    turns.commit(1_000);
    turns.utteranceEnded({ startMs: 996, endMs: 1_000, endedBy: 'finish' });
    expect(turns.end(1_000)).toEqual([]);
    expect(completedOf(turns.final(final(0, 'uno')))).toHaveLength(1);
    expect(turns.final(final(996, 'noise'))).toEqual([]);
    const others = turnsBy(null);
    others.utteranceEnded({ startMs: 0, endMs: 40, endedBy: 'finish' });
    expect(typesOf(others.end(40))).toContain('input_audio_buffer.committed');
  });
});

it('deltas, joined, are the transcript, whatever was shown before', () => {
  const words = fc.array(fc.stringMatching(/^[a-zä🙂]{1,4}$/u), { maxLength: 6 });
  const utterance = words.chain((said) => {
    const text = said.join(' ');
    const ends = said.map((_, index) => said.slice(0, index + 1).join(' ').length);
    return fc.record({ text: fc.constant(text), stable: fc.subarray(ends) });
  });
  fc.assert(
    fc.property(fc.array(utterance, { minLength: 1, maxLength: 5 }), (utterances) => {
      const turns = turnsBy(VOICE);
      const events: ServerEvent[] = [];
      for (const [index, { text, stable }] of utterances.entries()) {
        const startMs = 1_000 * index;
        const endedBy = index === utterances.length - 1 ? 'pause' : 'length';
        events.push(...turns.speechStarted(startMs));
        // what is shown behind the stable words may be anything
        for (const length of stable) events.push(...turns.partial(partial(startMs, `${text.slice(0, length)} ?`, length)));
        events.push(...turns.utteranceEnded({ startMs, endMs: startMs + 1_000, endedBy }));
        events.push(...turns.final(final(startMs, text)));
      }
      const spoken = utterances.map(({ text }) => text).filter((text) => text !== '');
      expect(completedOf(events)).toMatchObject([{ transcript: spoken.join(' ') }]);
      expect(deltasOf(events).join('')).toBe(spoken.join(' '));
    }),
  );
});
