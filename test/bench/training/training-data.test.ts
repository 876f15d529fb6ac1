import { describe, expect, it } from 'vitest';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import type { TextTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { type Corpus, isSpoken, type Utterance } from '../../../bench/corpora/corpus.ts';
import { type DataSelection, exampleSource, selectData } from '../../../bench/training/training-data.ts';
import { TINY } from '../../support/tiny-whisper.ts';
import { samplesOf, utterance } from '../wer/spoken-utterances.ts';

/** Long enough for limits by audio to count: 30 s, 448 tokens. */
const CONFIG: WhisperConfig = { ...TINY, maxContext: 1_500, maxTokens: 448 };
/** A token for each letter; `x` is one that the decoder never writes. */
const TOKENIZER: TextTokenizer = {
  decode: () => '',
  encode: (text) => Array.from(text, (letter) => (letter === 'x' ? 7 : 1)) as ReturnType<TextTokenizer['encode']>,
};

function corpusOf(name: string, all: readonly Utterance[]): Corpus {
  return {
    name,
    languages: [...new Set(all.map(({ language }) => language))],
    utterances: ({ languages, split } = {}) =>
      all.filter((one) => (languages?.includes(one.language) ?? true) && (split === undefined || one.split === split)),
    samples: samplesOf,
  };
}

function spoken(id: string, about: Partial<Utterance> = {}): Utterance {
  const { durationSeconds = 2, text = 'uno dos' } = about;
  return utterance({ id, split: 'train', text, durationSeconds, spoken: isSpoken(text, durationSeconds), ...about });
}

/** Four to learn from and two to measure on in each language; Spanish in two corpora. */
const STAMPS = corpusOf('stamps', [
  ...['s3', 's1', 's2'].map((id) => spoken(id)),
  ...['g3', 'g1', 'g2', 'g4'].map((id) => spoken(id, { language: 'el' })),
  ...['sd2', 'sd1'].map((id) => spoken(id, { split: 'dev' })),
  ...['gd1', 'gd2'].map((id) => spoken(id, { language: 'el', split: 'dev' })),
  spoken('test', { split: 'test' }),
]);
const PROMPTS = corpusOf('prompts', [spoken('s0', { durationSeconds: 3 }), spoken('sd0', { split: 'dev' })]);

function learner(language: string): DataSelection['learners'][number] {
  return { name: language, language, languages: [language] };
}

/** Utterances in the order of their names, unless told otherwise. */
function select(changes: Partial<DataSelection> = {}) {
  return selectData({
    config: CONFIG,
    tokenizer: TOKENIZER,
    corpora: [STAMPS, PROMPTS],
    learners: [learner('es'), learner('el')],
    limit: null,
    devLimit: null,
    orderOf: ({ id }) => Number(id.replace(/\D/g, '')),
    ...changes,
  });
}

function idsOf(sourced: readonly { readonly utterance: Utterance }[]): readonly string[] {
  return sourced.map(({ utterance: { id } }) => id);
}

describe('what a run learns from', () => {
  it('is what all corpora have of its languages to train on, each for its learner', () => {
    const { train, dev, leftOut } = select();
    expect(idsOf(train)).toEqual(['s3', 's1', 's2', 's0', 'g3', 'g1', 'g2', 'g4']);
    expect(train.map((one) => one.learner)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(idsOf(dev)).toEqual(['sd2', 'sd1', 'sd0', 'gd1', 'gd2']);
    expect(leftOut).toEqual([]);
    // its audio, and a token for each letter and for the space before them
    expect(train[3]).toMatchObject({ sampleCount: 48_000, textTokens: 8, corpus: PROMPTS });
  });

  it('may be of several languages for one learner', () => {
    const { train, dev } = select({ learners: [{ name: 'all', language: null, languages: ['el', 'es'] }] });
    expect(idsOf(train)).toEqual(['g3', 'g1', 'g2', 'g4', 's3', 's1', 's2', 's0']);
    expect(new Set(train.map((one) => one.learner))).toEqual(new Set([0]));
    expect(dev).toHaveLength(5);
  });

  it('is, with a limit, the first ones of each language over all corpora, whatever else is trained', () => {
    const limited = select({ limit: 2, devLimit: 1 });
    expect(idsOf(limited.train)).toEqual(['s0', 's1', 'g1', 'g2']);
    expect(idsOf(limited.dev)).toEqual(['sd0', 'gd1']);
    const alone = select({ learners: [learner('el')], limit: 2, devLimit: 1 });
    expect(idsOf(alone.train)).toEqual(['g1', 'g2']);
    expect(idsOf(select({ limit: 2, corpora: [PROMPTS, STAMPS] }).train)).toEqual(['s0', 's1', 'g1', 'g2']);
    const backwards = select({ limit: 1, orderOf: ({ id }) => -Number(id.replace(/\D/g, '')) });
    expect(idsOf(backwards.train)).toEqual(['s3', 'g4']);
  });

  it('leaves out what cannot be learned, and says why; a limit chooses among the rest', () => {
    const said = { text: 'uno' };
    const corpus = corpusOf('mixed', [
      spoken('1', { text: 'a'.repeat(200) }),
      spoken('2', { text: 'taxi' }),
      spoken('3', { text: '( )' }),
      spoken('4', { text: 'a'.repeat(400), durationSeconds: 20 }),
      spoken('5', said),
      spoken('6', said),
      spoken('7', { text: 'a'.repeat(200), split: 'dev' }),
      spoken('8', { ...said, split: 'dev' }),
    ]);
    const { train, dev, leftOut } = select({ corpora: [corpus], learners: [learner('es')], limit: 1 });
    expect(leftOut).toMatchObject([
      { id: '1', reason: 'not_spoken', message: expect.stringMatching(/^"a+" cannot have been said in 2 s\.$/) },
      { id: '2', reason: 'unwritable_token' },
      { id: '3', reason: 'no_text' },
      { id: '4', reason: 'decoder_full' },
    ]);
    expect(idsOf(train)).toEqual(['5']);
    expect(idsOf(dev)).toEqual(['8']);
  });

  it('is refused where a language has nothing, to learn from or to measure on', () => {
    const without = (split: Utterance['split'], corpus = STAMPS) =>
      corpusOf(
        'half',
        corpus.utterances().filter((one) => one.split !== split),
      );
    for (const [changes, message] of [
      [{ learners: [learner('fr')] }, 'stamps, prompts: no utterance of "fr" to learn from.'],
      [{ corpora: [without('train')] }, 'half: no utterance of "es" to learn from.'],
      [{ corpora: [without('dev')] }, 'half: no utterance of "es" in the dev split to measure on.'],
    ] as const) {
      expect(() => select(changes)).toThrowError(expect.objectContaining({ code: 'corpus_not_found', message }));
    }
  });

  it('is opened by its place, with its audio, text and language', () => {
    const { train } = select();
    const source = exampleSource(train);
    expect(source.count).toBe(8);
    const { samples, text, language } = source.open(4);
    expect([text, language]).toEqual(['uno dos', 'el']);
    expect(samples).toEqual(samplesOf(spoken('g3')));
  });
});
