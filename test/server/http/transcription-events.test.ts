import { describe, expect, it } from 'vitest';
import type { FileSegment } from '../../../asr/files/recognise-file.ts';
import { transcriptionEvents } from '../../../server/http/transcription-events.ts';
import { transcriptionEventSchema } from '../../../server/protocol/audio-answers.ts';
import { segmentOf } from '../subtitles/segment-of.ts';

const said = (text: string, channel = 0): FileSegment => segmentOf({ words: [], text, channel });

function eventsOf(format: 'json' | 'diarized_json', segments: readonly FileSegment[]) {
  const events = transcriptionEvents({ format, language: 'es' }, null);
  const all = segments.flatMap((segment) => events.take(segment));
  return [...all, events.done({ durationMs: 1_500, speechMs: 0, segments })].map((event) =>
    transcriptionEventSchema.parse(event),
  );
}

const deltasOf = (events: ReturnType<typeof eventsOf>) =>
  events.flatMap((event) => (event.type === 'transcript.text.delta' ? [event.delta] : []));

describe('events of a transcription', () => {
  it('are the words of each utterance, with a blank between, and all of it at the end', () => {
    const events = eventsOf('json', [said('Uno.'), said(''), said('Dos.')]);
    expect(events).toEqual([
      { type: 'transcript.text.delta', delta: 'Uno.' },
      { type: 'transcript.text.delta', delta: ' Dos.' },
      { type: 'transcript.text.done', text: 'Uno. Dos.', usage: { type: 'duration', seconds: 1.5 }, adapter: null },
    ]);
  });

  it('are the text when they are joined, on a new line when another channel speaks', () => {
    const events = eventsOf('json', [said('Uno.'), said('Dos.', 1), said('Tres.', 1), said('Cuatro.')]);
    expect(deltasOf(events).join('')).toBe('Uno.\nDos. Tres.\nCuatro.');
    expect(events.at(-1)).toMatchObject({ text: 'Uno.\nDos. Tres.\nCuatro.' });
  });

  it('tell who speaks, where channels are speakers', () => {
    const events = eventsOf('diarized_json', [said('Uno.'), said('Dos.', 1)]);
    expect(events).toMatchObject([
      { type: 'transcript.text.delta', delta: 'A: Uno.', segment_id: 'seg_0' },
      { type: 'transcript.text.segment', id: 'seg_0', speaker: 'A', text: 'Uno.' },
      { type: 'transcript.text.delta', delta: '\nB: Dos.', segment_id: 'seg_1' },
      { type: 'transcript.text.segment', id: 'seg_1', speaker: 'B', text: 'Dos.' },
      { type: 'transcript.text.done', text: 'A: Uno.\nB: Dos.' },
    ]);
  });

  it('are an empty text where nobody speaks', () => {
    expect(eventsOf('json', [])).toEqual([
      { type: 'transcript.text.done', text: '', usage: { type: 'duration', seconds: 1.5 } },
    ]);
  });
});
