import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../../adapters/adapter.ts';
import { loadAdapter } from '../../../adapters/load-adapter.ts';
import { writeAdapter } from '../../../adapters/write-adapter.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import type { DetectionRequest } from '../../../asr/engine/language-detection.ts';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { codeOf } from '../../adapters/sample-adapters.ts';
import {
  type AdapterMaker,
  cutSpeech,
  heard,
  PLAIN_DECODING,
  realAdapters,
  type SpeechPiece,
  speechFixtures,
  startRealEngine,
} from '../../support/real-engine.ts';

/** Half of them near the identity, as trained ones are; half far from it, so that nothing is familiar. */
const LANGUAGE_SCALES = { ca: 0.02, bg: 0.3, el: 0.02, ro: 0.3, be: 0.02, ru: 0.3, es: 0.02, fr: 0.3 };
const UTTERANCES = 64;

let fixtures: readonly SpeechPiece[];
let adapter: AdapterMaker;
let adapters: readonly Adapter[];
beforeAll(async () => {
  fixtures = await speechFixtures();
  adapter = await realAdapters();
  const own = Object.entries(LANGUAGE_SCALES).map(([language, scale], index) =>
    adapter({ name: `random-${language}`, language, scale, seed: 100 + index }),
  );
  // values and hidden layers 20 times as large as those of its neighbours
  const targets = targetsOf(own[0]).filter(({ name }) => /v_proj|out_proj|fc1|fc2/.test(name));
  adapters = [...own, adapter({ name: 'loud', language: 'en', scale: 20, seed: 99, targets })];
});

function targetsOf(adapter: Adapter | undefined) {
  return [...(adapter?.weights ?? [])].map(([name, { inDim, outDim }]) => ({ name, inDim, outDim }));
}

/** What rows ask for beside their words; eight neighbours, one of each language, ask for the same. */
const ASKED: readonly Partial<RecognitionRequest>[] = [
  {},
  { words: true, beamSize: 5 },
  { prompt: 'Colours, animals, and things that go.' },
  { hotWords: ['locomotora', 'чеснок', 'πέστροφα', 'papillon'], beamSize: 3 },
  { temperature: 0.7 },
  {
    prefix: [50, 612, 11].map((token) => token as TokenId),
    draft: [383, 612, 50, 11].map((token) => token as TokenId),
    deferrable: true,
  },
  { task: 'translate', words: true },
  { words: true, prompt: 'Garlic.', hotWords: ['usturoi', 'ail'], temperature: 0.3, prefix: [383 as TokenId] },
];

/** Every tenth utterance has the loud adapter, the others that of their language. */
function requests(): readonly RecognitionRequest[] {
  return cutSpeech(fixtures, { count: UTTERANCES, seed: 1 }).map((piece, index) => ({
    ...piece,
    ...ASKED[Math.floor(index / 8) % ASKED.length],
    decoding: PLAIN_DECODING,
    ...(index % 10 === 9 ? { adapter: 'loud' } : {}),
  }));
}

/** Utterances whose language is asked for, at a context that lets them into the batch of the others. */
function detections(): readonly DetectionRequest[] {
  return cutSpeech(fixtures, { count: 8, seed: 5 }).map(({ samples }) => ({
    samples,
    among: [],
    context: { tailPositions: 32 },
  }));
}

for (const computeType of ['fp32', 'int8'] as const) {
  describe(`guarantee 1 in ${computeType}: a mixed batch equals solo`, () => {
    let engine: Engine;
    beforeAll(async () => {
      // as many rows together as there are places, whatever the padding
      const limits = { maxWaitMs: 500, togetherMs: 100, maxEncodeRows: 32, maxEncodePositions: 12_000, maxEncodePadding: 1 };
      engine = await startRealEngine({ adapters, computeType, limits });
    });
    afterAll(async () => engine.close());

    it(`gives ${UTTERANCES} utterances of 8 languages and 9 adapters, one of them loud, what each gives alone, whatever they ask for`, async () => {
      const all = requests();
      const unsure = detections();
      const [together, detected] = await Promise.all([
        Promise.all(all.map((request) => engine.recognise(request))),
        Promise.all(unsure.map((request) => engine.detectLanguage(request))),
      ]);
      const { mixedBatches, mixedSteps, encodeBatches } = await engine.stats();
      expect(mixedBatches).toBeGreaterThan(2);
      expect(mixedSteps).toBeGreaterThan(40);
      expect(encodeBatches).toBeLessThan(UTTERANCES);
      for (const [index, request] of all.entries()) {
        const alone = await engine.recognise(request);
        const mixed = together[index];
        expect(mixed?.tokens, `tokens of utterance ${index}`).toEqual(alone.tokens);
        // more than is promised: not even the last bit depends on the neighbours
        expect(mixed && heard(mixed), `utterance ${index}`).toEqual(heard(alone));
      }
      for (const [index, request] of unsure.entries()) {
        expect(await engine.detectLanguage(request)).toEqual(detected[index]);
      }
    });
  });
}

describe('guarantee 2: the identity is the base model', () => {
  it('gives the base model’s tokens, and log-probabilities to 1e-4, in slot 0 and with an untrained adapter', async () => {
    const pieces = cutSpeech(fixtures, { count: 8, seed: 2 });
    const listen = async (engine: Engine, name: string | null) =>
      Promise.all(
        pieces.map((piece) =>
          engine.recognise({ ...piece, adapter: name, context: { tailPositions: 32 }, decoding: PLAIN_DECODING }),
        ),
      );
    const base = await startRealEngine();
    const expected = await listen(base, null);
    await base.close();
    const identity = adapter({ name: 'identity', scale: 0, seed: 1 });
    const engine = await startRealEngine({ adapters: [...adapters, identity] });
    try {
      for (const name of [null, 'identity']) {
        for (const [index, result] of (await listen(engine, name)).entries()) {
          expect(result.tokens).toEqual(expected[index]?.tokens);
          for (const [position, logProb] of result.tokenLogProbs.entries()) {
            expect(Math.abs(logProb - (expected[index]?.tokenLogProbs[position] ?? Number.NaN))).toBeLessThan(1e-4);
          }
          expect(result.adapter?.name ?? null).toBe(name);
        }
      }
    } finally {
      await engine.close();
    }
  });
});

describe('guarantee 3: no silent adapter', () => {
  let engine: Engine;
  let piece: SpeechPiece;
  beforeAll(async () => {
    engine = await startRealEngine({ adapters: adapters.slice(0, 2), reservedSlots: 1 });
    piece = { ...(fixtures[0] as SpeechPiece), samples: (fixtures[0] as SpeechPiece).samples.slice(0, 16_000) };
  });
  afterAll(async () => engine.close());
  const listen = async (changes: Partial<RecognitionRequest>) =>
    engine.recognise({ ...piece, decoding: PLAIN_DECODING, context: { tailPositions: 32 }, ...changes });
  /** The error's code for a row that asks for the adapter, or what came instead. */
  const asking = async (name: string) =>
    listen({ adapter: name }).then(
      (result) => result.adapter,
      (error: unknown) => (error as { code?: unknown }).code,
    );

  it('refuses a row whose adapter is not loaded, whatever version is', async () => {
    expect(await asking('random-klingon')).toBe('adapter_not_found');
    expect(await asking('random-ca@9.9.9')).toBe('adapter_not_found');
    expect(await asking('Random CA')).toBe('argument_invalid');
  });

  it('refuses an adapter of another base model, of targets or shapes the base does not have, or of too high a rank', async () => {
    const [target] = engine.base.targets;
    if (target === undefined) throw new Error('the base has targets');
    const misfits: Readonly<Record<string, Partial<Parameters<AdapterMaker>[0]>>> = {
      'other-base': { base: { name: 'whisper-base', digest: `sha256:${'00'.repeat(32)}` } },
      'other-target': { targets: [{ ...target, name: 'model.encoder.layers.77.fc1' }] },
      'other-shape': { targets: [{ ...target, inDim: target.inDim + 1 }] },
      'high-rank': { rank: 2 },
      additive: { kind: 'lora' },
    };
    for (const [name, options] of Object.entries(misfits)) {
      expect(
        codeOf(() => engine.loadAdapter(adapter({ name, seed: 7, language: null, ...options }))),
        name,
      ).toBe('adapter_incompatible');
      expect(await asking(name), name).toBe('adapter_not_found');
    }
  });

  it('refuses an adapter whose weights are not numbers when it is read', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-nan-'));
    try {
      const broken = adapter({ name: 'broken', seed: 8 });
      for (const { a } of broken.weights.values()) a[3] = Number.NaN;
      writeAdapter(path.join(folder, 'broken'), broken);
      expect(codeOf(() => loadAdapter(path.join(folder, 'broken')))).toBe('adapter_invalid');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names the adapter that decoded each row, and gives languages without one the base model', async () => {
    const results = await Promise.all(['ca', 'bg-BG', 'el'].map((language) => listen({ language })));
    expect(results.map((result) => result.adapter?.name ?? null)).toEqual(['random-ca', 'random-bg', null]);
    expect(results[0]?.adapter?.digest).toBe(adapters[0]?.digest);
  });

  it('keeps an unloaded adapter for the rows in flight, and its slot from others until they end', async () => {
    const [first, second] = [
      adapter({ name: 'first', seed: 9, scale: 0.3 }),
      adapter({ name: 'second', seed: 10, scale: 0.3 }),
    ];
    engine.loadAdapter(first);
    const alone = await listen({ adapter: 'first' });
    const inFlight = Promise.all([listen({ adapter: 'first' }), listen({ adapter: 'first', language: 'fr' })]);
    engine.unloadAdapter(first.id);
    expect(await asking('first')).toBe('adapter_not_found');
    expect(codeOf(() => engine.loadAdapter(second))).toBe('adapter_bank_full');
    const [kept] = await inFlight;
    expect(heard(kept)).toEqual(heard(alone));
    engine.loadAdapter(second);
    const replaced = await listen({ adapter: 'second' });
    expect(replaced.adapter?.digest).toBe(second.digest);
    expect(replaced.tokenLogProbs).not.toEqual(alone.tokenLogProbs);
  });
});
