import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../../adapters/manifest.ts';
import { parseRunRecipe } from '../../../../bench/training/run-recipe.ts';
import { DEFAULT_TRAINING } from '../../../../bench/training/training-recipe.ts';
import { cardResults } from '../../../../bench/wer/cards/card-results.ts';
import { cardOf } from '../../../../bench/wer/cards/model-card.ts';
import { evalReport } from '../../../../bench/wer/eval-report.ts';
import { heard, utterance } from '../spoken-utterances.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const RECIPE = parseRunRecipe(
  {
    ...DEFAULT_TRAINING,
    ...{ data: ['tuxpaint'], texts: 'transcripts', languages: ['el', 'ru'], limit: null, devLimit: null, initial: null },
    loop: { epochs: 6, peakLearningRate: 4e-3, averageDecay: 0.98, patience: null },
  },
  'the test',
);
const MANIFEST = parseManifest(
  JSON.stringify({
    ...{ formatVersion: 1, name: 'el-tuxpaint', version: '1.2.0', kind: 'flora', language: 'el', licence: 'GPL-2.0-only' },
    baseModel: { name: 'whisper-base', digest: `sha256:${'cd'.repeat(32)}` },
    targets: { 'model.encoder.layers.0.fc1': { rank: 1 }, 'model.decoder.layers.0.fc1': { rank: 2 } },
    contextPolicy: { tailPositions: 32, trainedMinMs: 0, trainedMaxMs: 25_000 },
    training: {
      data: { description: '492 utterances of tuxpaint', digest: `sha256:${'ef'.repeat(32)}` },
      ...{ recipe: RECIPE, seed: 1, tools: { 'flora-asr': '0.1.0' } },
    },
  }),
  'the test',
);

/** An evaluation of two Greek utterances, one of which cannot have been said in its time, and a Russian one. */
function evaluation(augment: string): unknown {
  const [first, quick, russian] = [
    utterance({ id: 'el/1', text: 'ένα δύο τρία τέσσερα', language: 'el' }),
    utterance({ id: 'el/2', text: 'ένα δύο', language: 'el', spoken: false }),
    utterance({ id: 'ru/1', text: 'раз', language: 'ru' }),
  ];
  const base = [heard(first, 'ένα', { trips: ['repetition'] }), heard(quick, 'ένα'), heard(russian, 'раз')];
  const adapter = [heard(first, 'ένα δύο τρία'), heard(quick, 'ένα δύο'), heard(russian, 'раз')];
  const systems = [
    { name: 'base', title: 'base', heard: base },
    { name: 'adapter', title: 'adapter', heard: adapter },
  ];
  const report = evalReport({ utterances: [first, quick, russian], ours: systems, peers: [] }, { seed: 1, resamples: 100 });
  const document = {
    ...report,
    settings: { augment, beam: 5 },
    corpus: { name: 'tuxpaint', split: 'test' },
    runtime: { computeType: { precision: 'fp32', reason: 'asked for' }, threads: 2 },
    adapters: { el: { id: 'el-tuxpaint@1.2.0', digest: DIGEST }, ru: { id: 'ru-tuxpaint@1.2.0', digest: 'sha256:other' } },
  };
  return JSON.parse(JSON.stringify(document));
}

const RESULTS = [...cardResults(evaluation('none'), 'one', DIGEST), ...cardResults(evaluation('telephone'), 'two', DIGEST)];
const FACTS = {
  manifest: MANIFEST,
  digest: DIGEST,
  parameters: 150_528,
  bytes: 312_345,
  recipe: RECIPE,
  manifestPath: 'adapters/published/el/adapter.json',
  results: RESULTS,
};

describe('what evaluations say of an adapter', () => {
  it('is what was measured with this very adapter', () => {
    expect(RESULTS.map(({ language, set, telephone }) => [language, set, telephone])).toEqual([
      ['el', 'all', false],
      ['el', 'spoken', false],
      ['el', 'all', true],
      ['el', 'spoken', true],
    ]);
    expect(RESULTS[0]).toMatchObject({
      base: { wer: 4 / 6, guardTrips: 1 },
      adapter: { wer: 1 / 6, guardTrips: 0 },
      relative: -0.75,
    });
    expect(cardResults(evaluation('none'), 'one', 'sha256:unknown')).toEqual([]);
  });

  it('is refused where it is none', () => {
    expect(() => cardResults({ bench: 'engine' }, 'engine.json', DIGEST)).toThrow(
      expect.objectContaining({
        code: 'argument_invalid',
        message: expect.stringMatching(/^engine\.json is no summary\.json .*settings/),
      }),
    );
  });
});

describe('a model card', () => {
  const card = cardOf(FACTS);

  it('says what the adapter is', () => {
    expect(card).toMatch(/^---\nlanguage:\n- el\nlicense: other\nlicense_name: GPL-2\.0-only\n/);
    expect(card).toContain('\n# el-tuxpaint 1.2.0\n');
    expect(card).toContain('| language | Greek (`el`) |');
    expect(card).toContain(`| base model | whisper-base, \`sha256:${'cd'.repeat(32)}\` |`);
    expect(card).toContain('| kind | FLoRA |\n| rank | 1, 2, at 2 linear layers |\n| size | 150,528 numbers, 312 kB |');
    expect(card).toContain('| context | utterances up to 25 s: their own length and 32 positions of 20 ms; others: 30 s |');
  });

  it('says what it was trained on, how, and how to do that again', () => {
    expect(card).toContain('492 utterances of tuxpaint. Digest');
    expect(card).toContain('GPL-2');
    expect(card).toContain('Adapters for el, ru were trained at once');
    expect(card).toContain('AdamW at a learning rate of up to 0.004');
    expect(card).toContain('6 epochs. Of the parameters');
    expect(card).toContain(
      '    npm run train -- --from adapters/published/el/adapter.json --version 1.2.0 --licence GPL-2.0-only --out AGAIN\n',
    );
  });

  it('has the results of each corpus, for all utterances and for those that were spoken', () => {
    expect(card).toMatch(
      /\| tuxpaint test, `all` \| el \| 2 \| 66\.7 \[[^|]+\] \| 16\.7 \[[^|]+\] \| -75\.0 % \| 0\.\d{3} \| 1 → 0 \| 0 → 0 \|/,
    );
    expect(card).toMatch(/\| tuxpaint test, `spoken` \| el \| 1 \| 75\.0 [^|]+ \| 25\.0 [^|]+ \| -66\.7 % \|/);
    expect(card).toContain('| tuxpaint test over a telephone, `all` | el |');
    expect(card).toContain('base → adapter. Computed in fp32, hypotheses side by side: 5.');
  });

  it('says what is not known', () => {
    expect(card).toContain('tested on tuxpaint test and tuxpaint test over a telephone, and on nothing else');
    expect(card).toContain('The speakers of Tux Paint are few, and the same in training and test');
  });

  it('says so where an adapter does not say how it was trained', () => {
    const unknown = cardOf({ ...FACTS, manifest: { ...MANIFEST, training: null }, recipe: null });
    expect(unknown).toContain('## What it was trained on\n\nThe adapter does not say.');
    expect(unknown).not.toContain('npm run train');
    expect(unknown).not.toMatch(/undefined|null|NaN/);
  });

  it('knows (IA)³, adapters for any language, and those of a teacher', () => {
    const teacher = { ...RECIPE, kind: 'ia3', texts: 'teacher', teaching: { tokenShare: 0.8, hiddenWeight: 1 } } as const;
    const any = cardOf({ ...FACTS, manifest: { ...MANIFEST, language: null, contextPolicy: null }, recipe: teacher });
    expect(any).toContain('| language | any |');
    expect(any).toContain('(IA)³');
    expect(any).toContain('| context | always 30 s |');
    expect(any).toContain('from the texts that the base model hears at 30 s');
    expect(any).toContain("80.0 % of the target distribution is the teacher's");
  });
});
