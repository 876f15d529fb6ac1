import { type AlignedWord, alignWords } from '../../metrics/align-words.ts';
import { normaliseText } from '../../metrics/normalise.ts';
import { editDistance, wordsOf } from '../../metrics/wer.ts';
import type { EvalRun, HeardSystem } from '../eval-report.ts';
import type { HeardUtterance } from '../system-scores.ts';
import { html, type Markup, NOTHING } from './markup.ts';

/** An utterance to look at, and to listen to. */
export interface ShownUtterance {
  /** its place in the run */
  readonly index: number;
  readonly language: string;
  /** below the report's folder, `/` between folders */
  readonly audioFile: string;
}

/** Those with the most word errors in each language, in what is served: our adapters, else base, else the first peer. */
export function worstUtterances({ utterances, ours, peers }: EvalRun, most: number): readonly ShownUtterance[] {
  const served = ours.find(({ name }) => name === 'adapter') ?? ours[0] ?? peers[0];
  const languages = [...new Set(utterances.map(({ language }) => language))];
  return languages.flatMap((language) => {
    const ranked = utterances
      .map((utterance, index) => ({ utterance, index, errors: errorsOf(served, index) }))
      .filter(({ utterance, errors }) => utterance.language === language && errors > 0)
      .sort((left, right) => right.errors - left.errors);
    return ranked.slice(0, most).map(({ index }, rank) => ({
      index,
      language,
      audioFile: `audio/${language}-${rank + 1}.wav`,
    }));
  });
}

/** One utterance: what was said, its audio, and what each system heard, word by word. */
export function utteranceMarkup({ index, language, audioFile }: ShownUtterance, { utterances, ours, peers }: EvalRun): Markup {
  const utterance = utterances[index];
  if (utterance === undefined) return NOTHING;
  const { id, text, durationSeconds, spoken } = utterance;
  const rows = [...ours, ...peers].map((system) => {
    const heard = system.heard[index];
    return heard ? html`<tr><th scope="row">${system.title}</th><td>${heardMarkup(heard)}</td></tr>` : NOTHING;
  });
  const note = spoken ? '' : ', more text than can be said in the time';
  return html`<article><h4 lang="${language}">${text}</h4>
<p class="about">${id}, ${durationSeconds.toFixed(1)} s${note}</p>
<audio controls preload="none" src="${audioFile}" aria-label="${`Recording of: ${text}`}"></audio>
<table class="heard">${rows}</table></article>
`;
}

function heardMarkup({ utterance, hypothesis, errors }: HeardUtterance): Markup {
  const { language } = utterance;
  if (hypothesis.text === null) return html`<p>nothing: ${hypothesis.error ?? 'no answer'}</p>`;
  const counted = errors === null ? 'excluded' : `${editDistance(errors.words)} of ${errors.words.referenceLength}`;
  const trips = hypothesis.trips?.length ? `; guards: ${hypothesis.trips.join(', ')}` : '';
  return html`<p lang="${language}">${alignmentMarkup(utterance.text, hypothesis.text)}</p>
<p class="about"><q lang="${language}">${hypothesis.text}</q> ${counted}${trips}</p>`;
}

/** Normalised words; told apart by more than colour. */
export function alignmentMarkup(reference: string, hypothesis: string): Markup {
  const aligned = alignWords(wordsOf(normaliseText(reference)), wordsOf(normaliseText(hypothesis)));
  return html`${aligned.map(wordMarkup)}`;
}

function wordMarkup(word: AlignedWord): Markup {
  switch (word.kind) {
    case 'right':
      return html`<span>${word.hypothesis}</span> `;
    case 'substitution':
      return html`<span class="substitution"><ins>${word.hypothesis}</ins> <del>${word.reference}</del></span> `;
    case 'deletion':
      return html`<del class="deletion">${word.reference}</del> `;
    case 'insertion':
      return html`<ins class="insertion">${word.hypothesis}</ins> `;
  }
}

function errorsOf(system: HeardSystem | undefined, index: number): number {
  const errors = system?.heard[index]?.errors;
  return errors ? editDistance(errors.words) : 0;
}
