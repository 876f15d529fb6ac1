import type { TextTokenizer } from '../../asr/whisper/tokenizer.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import { mean } from '../metrics/statistics.ts';
import { interleaved, representatives, type SetChoice, spreadTestUtterances, strataOf } from './utterance-set.ts';

/** An utterance of the engine bench, with the number of tokens that every system is held to. */
export interface EngineRow {
  readonly utterance: Utterance;
  readonly samples: Float32Array;
  readonly tokenCount: number;
}

export interface SetDescription {
  readonly utterances: number;
  readonly meanSeconds: number;
  readonly meanTokens: number;
}

/** Test utterances, languages in turn, each with the token count of its reference text. */
export function engineRows(corpus: Corpus, tokenizer: TextTokenizer, choice: SetChoice): readonly EngineRow[] {
  return interleaved(spreadTestUtterances(corpus, choice), ({ language }) => language).map((utterance) => ({
    utterance,
    samples: corpus.samples(utterance),
    // Whisper's text begins with a space
    tokenCount: tokenizer.encode(` ${utterance.text}`).length,
  }));
}

/**
 * The rows that the slower peer is timed over. Its time does not depend on the audio's length, which it pads to 30 s,
 * but on the tokens; so those are chosen whose counts stand for all, as many in each language.
 */
export function peerRows(rows: readonly EngineRow[], count: number): readonly EngineRow[] {
  const languages = [...new Set(rows.map(({ utterance }) => utterance.language))];
  const perLanguage = Math.max(1, Math.round(count / languages.length));
  const sizeOf = ({ tokenCount }: EngineRow) => tokenCount;
  const strata = languages.flatMap((language) => {
    const own = rows.filter(({ utterance }) => utterance.language === language);
    return strataOf(own, perLanguage, sizeOf);
  });
  return representatives(strata, sizeOf);
}

export function describeSet(rows: readonly EngineRow[]): SetDescription {
  return {
    utterances: rows.length,
    meanSeconds: mean(rows.map(({ utterance }) => utterance.durationSeconds)),
    meanTokens: mean(rows.map(({ tokenCount }) => tokenCount)),
  };
}

export function audioSeconds(rows: readonly EngineRow[]): number {
  return rows.reduce((sum, { utterance }) => sum + utterance.durationSeconds, 0);
}
