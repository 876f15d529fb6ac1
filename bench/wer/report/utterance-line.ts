import type { Utterance } from '../../corpora/corpus.ts';
import { alignWords } from '../../metrics/align-words.ts';
import { normaliseText } from '../../metrics/normalise.ts';
import { wordsOf } from '../../metrics/wer.ts';
import type { EvalRun } from '../eval-report.ts';
import type { HeardUtterance } from '../system-scores.ts';

/** A line of `utterances.jsonl`: one utterance, with what every system made of it. */
export function utteranceLine({ utterances, ours, peers }: EvalRun, index: number): Readonly<Record<string, unknown>> {
  const { text, ...about } = utterances[index] as Utterance;
  const systems = [...ours, ...peers].flatMap(({ name, heard }) => {
    const one = heard[index];
    return one ? [[name, systemEntry(one)] as const] : [];
  });
  const normalised = normaliseText(text);
  return { ...about, reference: text, normalised, excluded: normalised === '', systems: Object.fromEntries(systems) };
}

function systemEntry({ utterance, hypothesis, errors }: HeardUtterance): Readonly<Record<string, unknown>> {
  const [said, heard] = [wordsOf(normaliseText(utterance.text)), wordsOf(normaliseText(hypothesis.text ?? ''))];
  return {
    ...hypothesis,
    normalised: heard.join(' '),
    words: errors?.words ?? null,
    characters: errors?.characters ?? null,
    wordsRaw: errors?.wordsRaw ?? null,
    charactersRaw: errors?.charactersRaw ?? null,
    punctuation: errors?.punctuation ?? null,
    // pairs of words said and heard; null beside what was left out, or came out of nowhere
    alignment: alignWords(said, heard).map(({ reference, hypothesis: word }) => [reference, word]),
  };
}
