import type { Utterance } from '../../../bench/corpora/corpus.ts';
import { type Hypothesis, textHypothesis } from '../../../bench/wer/hypothesis.ts';
import { type HeardUtterance, heardUtterance } from '../../../bench/wer/system-scores.ts';

/** An utterance of one second, unless told otherwise. */
export function utterance(about: Partial<Utterance> & Pick<Utterance, 'id'>): Utterance {
  const defaults = { audioPath: `${about.id}.ogg`, text: 'uno', language: 'es', split: 'test', spoken: true } as const;
  return { ...defaults, durationSeconds: 1, ...about };
}

/** A tone of its own for each: no two are alike. */
export function samplesOf({ id, durationSeconds }: Utterance): Float32Array {
  const pitch = [...id].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 1);
  return Float32Array.from({ length: Math.round(16_000 * durationSeconds) }, (_, i) => 0.5 * Math.sin((i * pitch) / 16_000));
}

/** What was heard of an utterance; null for no text. */
export function heard(spoken: Utterance, text: string | null, known: Partial<Hypothesis> = {}): HeardUtterance {
  return heardUtterance(spoken, { ...textHypothesis('', { trips: [], ...known }), text });
}
