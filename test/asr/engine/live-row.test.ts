import { describe, expect, it } from 'vitest';
import type { Hypothesis } from '../../../asr/decoding/beam-search.ts';
import { takeStep } from '../../../asr/decoding/row-decoding.ts';
import { DEFAULT_DECODING, type DecodingSettings, NOTHING_MORE, type UtteranceJob } from '../../../asr/engine/job.ts';
import { beamWidth, contextOf, judgeRow, type LiveRow, liveRow } from '../../../asr/engine/live-row.ts';
import type { RowId } from '../../../asr/engine/schedule.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { promptTokens } from '../../../asr/whisper/prompt.ts';
import { TINY, TINY_TOKENIZER } from '../../support/tiny-whisper.ts';

const CONTEXT = { config: TINY, tokenizer: TINY_TOKENIZER };
const PROMPT = promptTokens(TINY, 42 as TokenId);
const END = TINY.special.endOfText;
const LOOP = Array.from({ length: 10 }, () => 9);

function job(decoding: Partial<DecodingSettings> = {}, contexts: readonly number[] = [20, 40, 96]): UtteranceJob {
  const samples = new Float32Array(16_000);
  const settings = { ...DEFAULT_DECODING, ...decoding };
  return { ...NOTHING_MORE, id: 1 as RowId, samples, prompt: PROMPT, contexts, adapterSlot: 0, decoding: settings };
}

function only({ beam }: LiveRow): Hypothesis {
  const [hypothesis] = beam;
  if (beam.length !== 1 || hypothesis === undefined) throw new RangeError(`${beam.length} hypotheses, not one.`);
  return hypothesis;
}

/** Lets the model say these tokens, each with this log-probability, until the row ends. */
function say(row: LiveRow, tokens: readonly number[], { logProb = -0.1, noSpeechProb = 0.01 } = {}): void {
  const { decoding } = only(row);
  for (const next of [...decoding.rules.prompt.slice(1), ...tokens]) {
    takeStep(decoding, { next: next as TokenId, nextLogProb: logProb, noSpeechLogProb: Math.log(noSpeechProb) });
    if (decoding.ending === null) continue;
    row.ended.push({ decoding, score: 0 });
    return;
  }
}

it('a row has as many hypotheses as it is told, and one where the model doubts that anybody speaks', () => {
  const widthAfter = (noSpeechProb: number) => {
    const row = liveRow({ ...job(), beamSize: 3 }, 0, CONTEXT);
    say(row, [1], { noSpeechProb });
    return beamWidth(row);
  };
  expect([0.01, 0.4, 0.41, 0.99].map(widthAfter)).toEqual([3, 3, 1, 1]);
});

describe('judgeRow', () => {
  it('takes what the model says when it ends by itself', () => {
    const row = liveRow(job(), 100, CONTEXT);
    say(row, [1, 2, 3, END]);
    const verdict = judgeRow(row, CONTEXT, 150);
    expect(verdict).toMatchObject({
      kind: 'done',
      recognition: { text: 'βγδ', tokens: [1, 2, 3], context: 20, attempts: 1, trips: [], timings: { totalMs: 50 } },
    });
    expect(verdict.kind === 'done' && verdict.recognition.tokenLogProbs).toHaveLength(4);
  });

  it('tries a loop again with more context, and takes the first attempt that is believed', () => {
    const row = liveRow(job(), 0, CONTEXT);
    say(row, LOOP);
    expect(judgeRow(row, CONTEXT, 5)).toEqual({ kind: 'retry', encoded: false });
    expect(contextOf(row)).toBe(40);
    expect(row).toMatchObject({ queuedMs: 5, arrivedMs: 0, ended: [] });
    expect(only(row)).toMatchObject({ score: 0, decoding: { position: 0, tokens: [], ending: null } });
    say(row, [1, 2, END]);
    expect(judgeRow(row, CONTEXT, 9)).toMatchObject({
      recognition: { tokens: [1, 2], context: 40, attempts: 2, trips: ['repetition'], timings: { totalMs: 9 } },
    });
  });

  it('draws words at the full context, without encoding again, when even that loops, and takes the first that are believed', () => {
    const row = liveRow(job(), 0, CONTEXT);
    const retries = [20, 40, 96].map(() => {
      say(row, [1, ...LOOP]);
      return judgeRow(row, CONTEXT, 0);
    });
    expect(retries).toEqual([false, false, true].map((encoded) => ({ kind: 'retry', encoded })));
    expect(only(row).decoding.addNoise).not.toBeNull();
    say(row, [1, 2, END]);
    expect(judgeRow(row, CONTEXT, 0)).toMatchObject({
      recognition: {
        tokens: [1, 2],
        context: 96,
        temperature: 0.4,
        attempts: 4,
        trips: ['repetition', 'repetition', 'repetition'],
      },
    });
  });

  it('takes the words that the model is surest of when no attempt at the full context is believed, a loop’s once', () => {
    const row = liveRow(job(), 0, CONTEXT);
    // the first two have another context, and are not asked for their sureness
    for (const [logProb, said] of [
      [-0.01, 3],
      [-0.01, 4],
      [-0.7, 5],
      [-0.2, 6],
      [-0.5, 7],
    ] as const) {
      say(row, [said, ...LOOP], { logProb });
      if (said < 7) expect(judgeRow(row, CONTEXT, 0).kind).toBe('retry');
    }
    const verdict = judgeRow(row, CONTEXT, 0);
    expect(verdict).toMatchObject({
      recognition: { text: 'ηκ', tokens: [6, 9], context: 96, temperature: 0.4, attempts: 5 },
    });
    expect(verdict.kind === 'done' && verdict.recognition.tokenLogProbs).toEqual([-0.2, -0.2]);
    expect(verdict.kind === 'done' && verdict.decoding.tokens[0]).toBe(6);
  });

  it('says what was said before to the first attempt alone, and tries once without it before it draws', () => {
    const row = liveRow({ ...job({}, [96]), promptText: 'αβ' }, 0, CONTEXT);
    const { startOfPrevious } = TINY.special;
    expect(only(row).decoding.rules).toMatchObject({ prompt: [startOfPrevious, 0, 1, ...PROMPT], start: 3 });
    expect(row.attempts.map(({ temperature }) => temperature)).toEqual([0, 0, 0.4, 0.8]);
    say(row, LOOP);
    expect(judgeRow(row, CONTEXT, 0)).toEqual({ kind: 'retry', encoded: true });
    expect(only(row).decoding.rules).toMatchObject({ prompt: PROMPT, start: 0 });
  });

  it('keeps a prefix in each attempt, whatever loops, and in silence', () => {
    const prefix = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9] as TokenId[];
    const row = liveRow({ ...job({}, [96]), prefix }, 0, CONTEXT);
    for (const _ of row.attempts) {
      say(row, [...prefix, 9]);
      const verdict = judgeRow(row, CONTEXT, 0);
      if (verdict.kind === 'done') expect(verdict.recognition.tokens).toEqual(prefix);
      else expect(only(row).decoding.rules.prefix).toEqual(prefix);
    }
    const silent = liveRow({ ...job({}, [96]), prefix }, 0, CONTEXT);
    say(silent, [...prefix, 1, END], { logProb: -2, noSpeechProb: 0.9 });
    expect(judgeRow(silent, CONTEXT, 0)).toMatchObject({ recognition: { tokens: prefix, trips: ['silence'] } });
  });

  it('never tries a row again that may be deferred', () => {
    const row = liveRow({ ...job(), deferrable: true }, 0, CONTEXT);
    say(row, LOOP);
    expect(judgeRow(row, CONTEXT, 0)).toMatchObject({ kind: 'done', recognition: { tokens: [9], attempts: 1 } });
  });

  it('hears nothing in silence, at once: more context makes no speech of it', () => {
    const row = liveRow(job(), 0, CONTEXT);
    say(row, [1, 2, END], { logProb: -2, noSpeechProb: 0.9 });
    const recognition = { text: '', tokens: [], tokenLogProbs: [], attempts: 1, trips: ['silence'] };
    const verdict = judgeRow(row, CONTEXT, 0);
    expect(verdict).toMatchObject({ kind: 'done', recognition });
    expect(verdict.kind === 'done' && verdict.recognition.noSpeechProb).toBeCloseTo(0.9);
  });

  it('keeps all that a row said up to its limit, after the last attempt', () => {
    const row = liveRow(job({ retries: false }, [96]), 0, CONTEXT);
    const tokens = Array.from({ length: 41 }, (_, index) => 1 + ((index * 7) % 31));
    say(row, tokens);
    expect(judgeRow(row, CONTEXT, 0)).toMatchObject({ recognition: { tokens, trips: ['length'], attempts: 1 } });
  });

  it('tries nothing again where retries are off, and believes everything where guards are off', () => {
    const once = liveRow(job({ retries: false }), 0, CONTEXT);
    say(once, LOOP);
    expect(judgeRow(once, CONTEXT, 0)).toMatchObject({ kind: 'done', recognition: { tokens: [9], trips: ['repetition'] } });
    const free = liveRow(job({ guards: false }), 0, CONTEXT);
    say(free, [...LOOP, ...LOOP, END]);
    expect(judgeRow(free, CONTEXT, 0)).toMatchObject({ recognition: { tokens: [...LOOP, ...LOOP], trips: [] } });
  });

  it('limits a row by its audio, by the decoder, or to a forced number of tokens', () => {
    const limitOf = (decoding: Partial<DecodingSettings>) => only(liveRow(job(decoding), 0, CONTEXT)).decoding.rules.limit;
    expect(limitOf({})).toBe(41);
    expect(limitOf({ tokenLimit: 'model' })).toBe(48);
    expect(limitOf({ forcedTokenCount: 7 })).toBe(7);
    expect(limitOf({ forcedTokenCount: 1_000 })).toBe(48);
    const long = { ...job(), prefix: Array.from({ length: 30 }, (_, index) => (1 + index) as TokenId) };
    expect(only(liveRow(long, 0, CONTEXT)).decoding.rules.limit).toBe(46);
  });

  it('judges no row that has not ended', () => {
    expect(() => judgeRow(liveRow(job(), 0, CONTEXT), CONTEXT, 0)).toThrow(/Row 1 has not ended/);
  });
});
