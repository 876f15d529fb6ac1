import { describe, expect, it } from 'vitest';
import { takeStep } from '../../../asr/decoding/row-decoding.ts';
import { DEFAULT_DECODING, type DecodingSettings, type UtteranceJob } from '../../../asr/engine/job.ts';
import { contextOf, judgeRow, type LiveRow, liveRow } from '../../../asr/engine/live-row.ts';
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
  return { id: 1 as RowId, samples, prompt: PROMPT, contexts, adapterSlot: 0, decoding: { ...DEFAULT_DECODING, ...decoding } };
}

/** Lets the model say these tokens, each with this log-probability, until the row ends. */
function say(row: LiveRow, tokens: readonly number[], { logProb = -0.1, noSpeechProb = 0.01 } = {}): void {
  for (const next of [...PROMPT.slice(1), ...tokens]) {
    if (row.decoding.ending !== null) return;
    takeStep(row.decoding, { next: next as TokenId, nextLogProb: logProb, noSpeechLogProb: Math.log(noSpeechProb) });
  }
}

describe('judgeRow', () => {
  it('takes what the model says when it ends by itself', () => {
    const row = liveRow(job(), 100, TINY);
    say(row, [1, 2, 3, END]);
    const verdict = judgeRow(row, CONTEXT, 150);
    expect(verdict).toMatchObject({
      kind: 'done',
      recognition: { text: 'βγδ', tokens: [1, 2, 3], context: 20, attempts: 1, trips: [], timings: { totalMs: 50 } },
    });
    expect(verdict.kind === 'done' && verdict.recognition.tokenLogProbs).toHaveLength(4);
  });

  it('tries a loop again with more context, and takes the first attempt that is believed', () => {
    const row = liveRow(job(), 0, TINY);
    say(row, LOOP);
    expect(judgeRow(row, CONTEXT, 5)).toEqual({ kind: 'retry' });
    expect(contextOf(row)).toBe(40);
    expect(row).toMatchObject({ queuedMs: 5, arrivedMs: 0, decoding: { position: 0, tokens: [], ending: null } });
    say(row, [1, 2, END]);
    expect(judgeRow(row, CONTEXT, 9)).toMatchObject({
      recognition: { tokens: [1, 2], context: 40, attempts: 2, trips: ['repetition'], timings: { totalMs: 9 } },
    });
  });

  it('says a loop’s words once when even the full context loops', () => {
    const row = liveRow(job(), 0, TINY);
    for (const _ of [20, 40]) {
      say(row, [1, ...LOOP]);
      expect(judgeRow(row, CONTEXT, 0).kind).toBe('retry');
    }
    say(row, [1, ...LOOP]);
    const verdict = judgeRow(row, CONTEXT, 0);
    const trips = ['repetition', 'repetition', 'repetition'];
    expect(verdict).toMatchObject({ recognition: { text: 'βκ', tokens: [1, 9], context: 96, attempts: 3, trips } });
    expect(verdict.kind === 'done' && verdict.recognition.tokenLogProbs).toHaveLength(2);
  });

  it('hears nothing in silence, at once: more context makes no speech of it', () => {
    const row = liveRow(job(), 0, TINY);
    say(row, [1, 2, END], { logProb: -2, noSpeechProb: 0.9 });
    const recognition = { text: '', tokens: [], tokenLogProbs: [], attempts: 1, trips: ['silence'] };
    const verdict = judgeRow(row, CONTEXT, 0);
    expect(verdict).toMatchObject({ kind: 'done', recognition });
    expect(verdict.kind === 'done' && verdict.recognition.noSpeechProb).toBeCloseTo(0.9);
  });

  it('keeps all that a row said up to its limit, after the last attempt', () => {
    const row = liveRow(job({}, [96]), 0, TINY);
    const tokens = Array.from({ length: 41 }, (_, index) => 1 + ((index * 7) % 31));
    say(row, tokens);
    expect(judgeRow(row, CONTEXT, 0)).toMatchObject({ recognition: { tokens, trips: ['length'], attempts: 1 } });
  });

  it('tries nothing again where retries are off, and believes everything where guards are off', () => {
    const once = liveRow(job({ retries: false }), 0, TINY);
    say(once, LOOP);
    expect(judgeRow(once, CONTEXT, 0)).toMatchObject({ kind: 'done', recognition: { tokens: [9], trips: ['repetition'] } });
    const free = liveRow(job({ guards: false }), 0, TINY);
    say(free, [...LOOP, ...LOOP, END]);
    expect(judgeRow(free, CONTEXT, 0)).toMatchObject({ recognition: { tokens: [...LOOP, ...LOOP], trips: [] } });
  });

  it('limits a row by its audio, by the decoder, or to a forced number of tokens', () => {
    const limitOf = (decoding: Partial<DecodingSettings>) => liveRow(job(decoding), 0, TINY).decoding.rules.limit;
    expect(limitOf({})).toBe(41);
    expect(limitOf({ tokenLimit: 'model' })).toBe(48);
    expect(limitOf({ forcedTokenCount: 7 })).toBe(7);
    expect(limitOf({ forcedTokenCount: 1_000 })).toBe(48);
  });

  it('judges no row that has not ended', () => {
    expect(() => judgeRow(liveRow(job(), 0, TINY), CONTEXT, 0)).toThrow(/Row 1 has not ended/);
  });
});
