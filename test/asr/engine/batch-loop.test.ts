import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UtteranceJob } from '../../../asr/engine/job.ts';
import type { RowId } from '../../../asr/engine/schedule.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { searchWithoutCaches } from '../../support/search-without-caches.ts';
import { type JobSeed, type Spoken, soloResult, spoken, TinyLoop, tinyJob } from '../../support/tiny-loop.ts';
import { openTinyModel, TINY, type TinyModel, tinyAdapter } from '../../support/tiny-whisper.ts';

const adapters = [
  tinyAdapter({ name: 'near', seed: 2, scale: 0.02 }),
  tinyAdapter({ name: 'far', seed: 3, scale: 0.4 }),
  tinyAdapter({ name: 'additive', seed: 4, kind: 'lora', rank: 2, scale: 0.2 }),
];
/** Few, so that what each gives alone is computed once. */
const SEEDS: readonly JobSeed[] = Array.from({ length: 16 }, (_, index) => ({
  seed: index,
  positions: [3, 12, 20, 33, 50, 70, 96][index % 7] as number,
  adapterSlot: index % 4,
  loudness: [0, 0.01, 0.1, 2][(index >> 2) % 4] as number,
  language: 42 + (index % 3),
  decoding: index % 5 === 0 ? { guards: false } : {},
  more: {
    beamSize: 1 + (index % 3),
    ...([
      {},
      {
        words: true,
        prefix: [3, 14, 15].map((token) => token as TokenId),
        draft: [9, 26, 5, 35].map((token) => token as TokenId),
      },
      { promptText: 'ελπίς', temperature: 0.6, hotWords: ['θάλασσα', 'ξένος'] },
      { words: true, promptText: 'χθες', hotWords: ['μήλο'], deferrable: true },
    ][(index >> 1) % 4] as Partial<UtteranceJob>),
  },
}));

type Action =
  | { readonly kind: 'submit'; readonly seed: number }
  | { readonly kind: 'turns'; readonly count: number }
  | { readonly kind: 'cancel'; readonly which: number };

const actions = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('submit' as const), seed: fc.nat({ max: SEEDS.length - 1 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 20 }) }) },
  ),
  { minLength: 4, maxLength: 24 },
);

for (const precision of ['fp32', 'int8'] as const) {
  describe(`BatchLoop in ${precision}`, () => {
    let tiny: TinyModel;
    let alone: readonly Spoken[];
    beforeAll(async () => {
      tiny = await openTinyModel({ precision, adapters });
      const results: Spoken[] = [];
      for (const seed of SEEDS) results.push(await soloResult(tiny, tinyJob(1, seed)));
      alone = results;
    }, 60_000);
    afterAll(async () => tiny.close());

    it('is tried on rows that end by themselves, loop, are tried again, and run into their limit', () => {
      expect(new Set(alone.flatMap(({ trips }) => trips))).toEqual(new Set(['repetition', 'length']));
      expect(new Set(alone.map(({ temperature }) => temperature)).size).toBeGreaterThan(1);
      expect(new Set(alone.map(({ attempts }) => attempts)).size).toBeGreaterThan(1);
      expect(alone.some(({ tokens, tokenLogProbs }) => tokenLogProbs.length === tokens.length + 1)).toBe(true);
      expect(new Set(alone.map(({ text }) => text)).size).toBeGreaterThan(SEEDS.length / 2);
    });

    it('gives a row that is tried again what its last context gives at once', async () => {
      for (const [index, seed] of SEEDS.entries()) {
        const { trips, attempts, ...again } = alone[index] as Spoken;
        // a row of the full context alone may take the attempt that was told what was said before
        if (attempts === 1 || seed.positions === TINY.maxContext) continue;
        const {
          trips: own,
          attempts: one,
          ...atOnce
        } = await soloResult(tiny, {
          ...tinyJob(1, seed),
          contexts: [again.context],
          // told to the first attempt alone
          promptText: null,
        });
        expect(atOnce).toEqual(again);
        expect(own).toEqual(trips.slice(trips.length - own.length));
        expect(one).toBeLessThan(attempts);
      }
    });

    it('gives every job that is not cancelled exactly the result it gives alone, whenever it arrives', async () => {
      await fc.assert(
        fc.asyncProperty(actions, async (script) => {
          const { loop, results, failures, ...shared } = await play(tiny, script);
          expect(failures.size).toBe(0);
          for (const [id, seed] of shared.submitted) {
            if (shared.cancelled.has(id)) expect(results.has(id)).toBe(false);
            else expect(spoken(results.get(id) as NonNullable<ReturnType<typeof results.get>>)).toEqual(alone[seed]);
          }
          const { finishedRows, cancelledRows, failedRows } = loop.stats();
          expect([finishedRows, cancelledRows, failedRows]).toEqual([results.size, shared.cancelled.size, 0]);
        }),
        { numRuns: 12 },
      );
    }, 120_000);
  });
}

async function play(tiny: TinyModel, script: readonly Action[]) {
  const tinyLoop = new TinyLoop(tiny);
  const { loop, results, failures } = tinyLoop;
  const submitted = new Map<RowId, number>();
  const cancelled = new Set<RowId>();
  for (const action of script) {
    if (action.kind === 'submit') {
      const id = (submitted.size + 1) as RowId;
      submitted.set(id, action.seed);
      loop.submit(tinyJob(id, SEEDS[action.seed] as JobSeed));
    }
    if (action.kind === 'turns') for (let turn = 0; turn < action.count; turn += 1) await loop.turn();
    if (action.kind === 'cancel') {
      const id = [...submitted.keys()][action.which];
      if (id === undefined || results.has(id) || cancelled.has(id)) continue;
      loop.cancel(id);
      cancelled.add(id);
    }
  }
  await tinyLoop.finish();
  return { loop, results, failures, submitted, cancelled };
}

describe('a batch that fails', () => {
  let tiny: TinyModel;
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters });
  });
  afterAll(async () => tiny.close());
  const short: JobSeed = { seed: 1, positions: 20, adapterSlot: 1 };
  const long: JobSeed = { seed: 2, positions: 70, adapterSlot: 2 };

  /** Submits a job that breaks its batch between two others, and another one afterwards. */
  async function beside(broken: ReturnType<typeof tinyJob>) {
    const tinyLoop = new TinyLoop(tiny);
    for (const job of [tinyJob(1, short), broken, tinyJob(3, long)]) tinyLoop.loop.submit(job);
    await tinyLoop.finish();
    tinyLoop.loop.submit(tinyJob(4, short));
    await tinyLoop.finish();
    return tinyLoop;
  }

  it('ends its own rows with the error when the encoder fails, and no others', async () => {
    const { results, failures, loop } = await beside(tinyJob(2, { ...short, adapterSlot: 99 }));
    expect([...failures.keys()]).toEqual([1, 2]);
    expect(String(failures.get(2 as RowId))).toMatch(/out of bounds|out of range/i);
    const after = results.get(4 as RowId);
    expect(after && spoken(after)).toEqual(await soloResult(tiny, tinyJob(4, short)));
    const beyond = results.get(3 as RowId);
    expect(beyond && spoken(beyond)).toEqual(await soloResult(tiny, tinyJob(3, long)));
    expect(loop.stats()).toMatchObject({ failedRows: 2, finishedRows: 2, cancelledRows: 0 });
  });

  it('ends its own rows with the error when the decoder fails, and no others', async () => {
    const prompt = [41, 42, TINY.vocab + 5, 54] as TokenId[];
    const { results, failures } = await beside({ ...tinyJob(2, short), prompt });
    expect([...failures.keys()]).toEqual([1, 2]);
    const after = results.get(4 as RowId);
    expect(after && spoken(after)).toEqual(await soloResult(tiny, tinyJob(4, short)));
    const beyond = results.get(3 as RowId);
    expect(beyond && spoken(beyond)).toEqual(await soloResult(tiny, tinyJob(3, long)));
  });

  it('reports features that cannot be computed as what they are', async () => {
    const job = tinyJob(2, short);
    job.samples[5] = Number.NaN;
    const { failures } = await beside(job);
    expect(failures.get(2 as RowId)).toMatchObject({ code: 'audio_not_finite' });
  });
});

describe('BatchLoop', () => {
  let tiny: TinyModel;
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters });
  });
  afterAll(async () => tiny.close());

  it('has nothing to do without jobs, and forgets a cancelled one that never was', async () => {
    const { loop } = new TinyLoop(tiny);
    loop.cancel(7 as RowId);
    expect(await loop.turn()).toEqual({ kind: 'idle', untilMs: null, encoded: null });
    expect(loop.stats().cancelledRows).toBe(0);
  });

  it('ends a row of no tokens before its first step', async () => {
    const job = tinyJob(1, { seed: 1, positions: 20, adapterSlot: 0, decoding: { forcedTokenCount: 0, guards: false } });
    expect(await soloResult(tiny, job)).toMatchObject({ text: '', tokens: [], attempts: 1 });
  });

  it('gives exactly the forced number of tokens', async () => {
    for (const forcedTokenCount of [1, 7, 48]) {
      const job = tinyJob(1, { seed: 1, positions: 20, adapterSlot: 2, decoding: { forcedTokenCount, guards: false } });
      expect((await soloResult(tiny, job)).tokens).toHaveLength(forcedTokenCount);
    }
  });

  it('tells the languages of a row that asks for nothing else, alone or beside others', async () => {
    const asking = (id: number) => tinyJob(id, { seed: 4, positions: 20, adapterSlot: 0, more: { purpose: 'language' } });
    const detecting = (id: number) => ({ ...asking(id), prompt: [TINY.special.startOfTranscript] });
    const tinyLoop = new TinyLoop(tiny);
    tinyLoop.loop.submit(detecting(1));
    await tinyLoop.finish();
    for (const job of [tinyJob(2, SEEDS[1] as JobSeed), detecting(3), tinyJob(4, SEEDS[2] as JobSeed)])
      tinyLoop.loop.submit(job);
    await tinyLoop.finish();
    const alone = tinyLoop.languages.get(1 as RowId);
    expect(alone).toHaveLength(TINY.languageTokens.size);
    expect(tinyLoop.languages.get(3 as RowId)).toEqual(alone);
    expect([...tinyLoop.results.keys()].toSorted((left, right) => left - right)).toEqual([2, 4]);
    expect(tinyLoop.loop.stats().finishedRows).toBe(4);
  });

  it('encodes no row again for another temperature', async () => {
    const looping = SEEDS.map((seed, index) => tinyJob(index + 1, { ...seed, positions: 96, decoding: {} }));
    const tinyLoop = new TinyLoop(tiny);
    for (const job of looping) tinyLoop.loop.submit(job);
    await tinyLoop.finish();
    const { encodedRows, retries } = tinyLoop.loop.stats();
    expect(retries).toBeGreaterThan(5);
    expect(encodedRows).toBe(looping.length);
  });

  it('takes the text that a beam search without caches takes', async () => {
    const decoding = { guards: false, retries: false };
    const different = new Set<boolean>();
    for (let seed = 0; seed < 8; seed += 1) {
      const beamSize = 2 + (seed % 2);
      const more = { beamSize, words: seed % 3 === 0 };
      const job = tinyJob(1, { seed, positions: 12 + seed, adapterSlot: seed % 4, decoding, more });
      const { tokens, tokenLogProbs } = await soloResult(tiny, job);
      const expected = await searchWithoutCaches(tiny, job);
      expect(tokens).toEqual(expected.tokens);
      expect(tokenLogProbs.reduce((sum, one) => sum + one, 0)).toBeCloseTo(expected.sum, 4);
      const greedy = await soloResult(tiny, { ...job, beamSize: 1 });
      different.add(greedy.tokens.join() !== tokens.join());
    }
    expect(different).toEqual(new Set([true, false]));
  });

  it('gives words of a beam the times that its text has when it is forced', async () => {
    const more = { beamSize: 3, words: true };
    for (const seed of [1, 5, 6]) {
      const job = tinyJob(1, { seed, positions: 30, adapterSlot: 1, decoding: { guards: false }, more });
      const { words, tokens } = await soloResult(tiny, job);
      const forced = await soloResult(tiny, { ...job, beamSize: 1, prefix: tokens });
      const within = forced.words?.filter(({ endToken }) => endToken < tokens.length);
      expect(words?.slice(0, within?.length).map(({ text }) => text)).toEqual(within?.map(({ text }) => text));
      expect(words?.length).toBeGreaterThan(0);
    }
  });

  it('says what it says without a draft, in fewer steps the more of it is right', async () => {
    const decoding = { guards: false };
    for (const seed of [1, 5, 6]) {
      const job = tinyJob(1, { seed, positions: 30, adapterSlot: 1 + (seed % 3), decoding, more: { words: true } });
      const steps = async (draft: readonly TokenId[]) => {
        const tinyLoop = new TinyLoop(tiny);
        tinyLoop.loop.submit({ ...job, draft });
        await tinyLoop.finish();
        return tinyLoop.loop.stats().decodeSteps;
      };
      const plain = await soloResult(tiny, job);
      const { tokens } = plain;
      expect(tokens.length).toBeGreaterThan(4);
      const wrong = tokens.map((token) => ((token + 1) % 40) as TokenId);
      const half = [...tokens.slice(0, 3), ...wrong.slice(3)];
      for (const draft of [wrong, half, tokens, [...tokens, ...wrong, ...wrong]]) {
        const { tokenLogProbs, words, ...drafted } = await soloResult(tiny, { ...job, draft });
        expect(drafted).toMatchObject({ tokens, text: plain.text, trips: plain.trips });
        expect(words).toEqual(plain.words?.map((word) => ({ ...word, probability: expect.closeTo(word.probability, 3) })));
        for (const [index, logProb] of tokenLogProbs.entries())
          expect(logProb).toBeCloseTo(plain.tokenLogProbs[index] as number, 3);
      }
      const none = await steps([]);
      expect([await steps(wrong), await steps(half)]).toEqual([none, none - 3]);
      expect(await steps(tokens)).toBe(0);
    }
  });

  it('takes no draft where tokens are drawn or favoured, or several hypotheses go on', async () => {
    for (const more of [{ temperature: 0.5 }, { hotWords: ['μήλο'] }, { beamSize: 2 }] as const) {
      const job = tinyJob(1, { seed: 5, positions: 30, adapterSlot: 1, decoding: { guards: false }, more });
      const plain = await soloResult(tiny, job);
      expect(await soloResult(tiny, { ...job, draft: plain.tokens })).toEqual(plain);
    }
  });

  it('counts batches and steps whose rows have different adapters', async () => {
    const tinyLoop = new TinyLoop(tiny);
    const decoding = { forcedTokenCount: 5, guards: false };
    for (const adapterSlot of [1, 2])
      tinyLoop.loop.submit(tinyJob(adapterSlot, { seed: 1, positions: 20, adapterSlot, decoding }));
    await tinyLoop.finish();
    expect(tinyLoop.loop.stats()).toMatchObject({
      encodeBatches: 1,
      encodedRows: 2,
      positions: 40,
      mixedBatches: 1,
      // the opening gives the first of 5
      decodeSteps: 4,
      decodedTokens: 8,
      mixedSteps: 4,
    });
  });
});
