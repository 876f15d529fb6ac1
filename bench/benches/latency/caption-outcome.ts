import { matchFinals } from '../streams/match-finals.ts';
import type { ReceivedFinal, ReceivedPartial } from '../streams/stream-client.ts';
import type { StreamOutcome } from '../streams/stream-outcome.ts';
import { type CaptionTiming, type Display, timeCaptions } from './caption-timing.ts';

export interface CaptionedFinal extends CaptionTiming {
  readonly language: string;
  /** partials that came for it */
  readonly partials: number;
}

/** The captions of one stream's utterances, timed by when what they show was sent. */
export function captionsOf({ language, spoken, record, sentMs }: StreamOutcome): readonly CaptionedFinal[] {
  const finals = record.finals.map((final) => ({
    ...final,
    sequence: final.message.sequence,
    startMs: 1000 * final.message.start,
    endMs: 1000 * final.message.end,
  }));
  const { matched } = matchFinals(spoken, finals);
  const speech = spoken.flatMap((recording) => recording.speech);
  return matched.flatMap(({ final }, index) => {
    const before = matched[index - 1]?.final.receivedMs ?? Number.NEGATIVE_INFINITY;
    const partials = record.partials.filter(({ receivedMs }) => receivedMs > before && receivedMs <= final.receivedMs);
    const first = speech.find((range) => range.endMs > final.startMs && range.startMs < final.endMs);
    if (first === undefined) return [];
    const speechStartMs = sentMs(Math.max(first.startMs, final.startMs));
    return [{ language, partials: partials.length, ...timeCaptions(captioned(final, partials, speechStartMs, sentMs)) }];
  });
}

function captioned(
  final: ReceivedFinal,
  partials: readonly ReceivedPartial[],
  speechStartMs: number,
  sentMs: StreamOutcome['sentMs'],
) {
  const shown = displayOf(final.message.text, final.receivedMs);
  const words = final.message.words ?? [];
  return {
    speechStartMs,
    partials: partials.map(({ message, receivedMs }) => displayOf(message.text, receivedMs)),
    final: shown,
    // a text that blanks cut otherwise than the decoder's words says nothing of their times
    wordEndMs: words.length === shown.words.length ? words.map(({ end }) => sentMs(1000 * end)) : [],
  };
}

function displayOf(text: string, atMs: number): Display {
  return { atMs, words: text.split(/\s+/).filter((word) => word !== '') };
}
