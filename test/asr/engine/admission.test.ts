import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptContexts, chosenPolicy, requireAskable, requireUtterance } from '../../../asr/engine/admission.ts';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import type { FloraAsrError } from '../../../kernels/errors.ts';
import { codeOf, sampleAdapter } from '../../adapters/sample-adapters.ts';
import { TINY } from '../../support/tiny-whisper.ts';

const MAX_CONTEXT = 1_500;
const POLICY = { tailPositions: 32, trainedMinMs: 300, trainedMaxMs: 15_000 };

describe('attemptContexts', () => {
  it('tries the adapter’s short context, 3 s more, and the full one', () => {
    expect(attemptContexts(2 * 16_000, POLICY, MAX_CONTEXT)).toEqual([132, 282, 1_500]);
  });

  it('gives the full context to audio of a length the adapter was not trained for', () => {
    expect(attemptContexts(0.2 * 16_000, POLICY, MAX_CONTEXT)).toEqual([1_500]);
    expect(attemptContexts(15.1 * 16_000, POLICY, MAX_CONTEXT)).toEqual([1_500]);
    expect(attemptContexts(15 * 16_000, POLICY, MAX_CONTEXT)).toEqual([782, 932, 1_500]);
    expect(attemptContexts(0.3 * 16_000, POLICY, MAX_CONTEXT)).toEqual([47, 197, 1_500]);
  });

  it('gives the full context to a row without a policy', () => {
    expect(attemptContexts(16_000, null, MAX_CONTEXT)).toEqual([1_500]);
  });

  it('holds all audio in every attempt, in ascending order, and ends with the full context', () => {
    const samples = fc.integer({ min: 1, max: 480_000 });
    const policies = fc.record({
      tailPositions: fc.integer({ min: 0, max: MAX_CONTEXT }),
      trainedMinMs: fc.integer({ min: 0, max: 15_000 }),
      trainedMaxMs: fc.integer({ min: 15_000, max: 30_000 }),
    });
    fc.assert(
      fc.property(samples, fc.option(policies), (sampleCount, policy) => {
        const contexts = attemptContexts(sampleCount, policy, MAX_CONTEXT);
        expect(contexts.at(-1)).toBe(MAX_CONTEXT);
        expect(contexts).toEqual([...new Set(contexts)].toSorted((left, right) => left - right));
        expect(Math.min(...contexts) * 320).toBeGreaterThanOrEqual(sampleCount);
      }),
    );
  });
});

describe('chosenPolicy', () => {
  const adapter = sampleAdapter({ contextPolicy: POLICY });

  it('is the adapter’s, unless the request wants the full context', () => {
    expect(chosenPolicy(adapter)).toEqual(POLICY);
    expect(chosenPolicy(adapter, 'policy')).toEqual(POLICY);
    expect(chosenPolicy(adapter, 'full')).toBeNull();
    expect(chosenPolicy(null)).toBeNull();
  });

  it('can be a tail of one’s own for audio of any length, for measurements', () => {
    const policy = chosenPolicy(null, { tailPositions: 8 });
    expect(attemptContexts(160, policy, MAX_CONTEXT)).toEqual([9, 159, 1_500]);
    expect(attemptContexts(20 * 16_000, policy, MAX_CONTEXT)).toEqual([1_008, 1_158, 1_500]);
  });
});

describe('requireUtterance', () => {
  it('takes from one sample to 30 s', () => {
    expect(codeOf(() => requireUtterance(new Float32Array(1), MAX_CONTEXT))).toBeUndefined();
    expect(codeOf(() => requireUtterance(new Float32Array(480_000), MAX_CONTEXT))).toBeUndefined();
  });

  it('refuses no samples, more than 30 s, and what is not a number', () => {
    expect(codeOf(() => requireUtterance(new Float32Array(0), MAX_CONTEXT))).toBe('audio_empty');
    expect(codeOf(() => requireUtterance(new Float32Array(480_001), MAX_CONTEXT))).toBe('audio_too_long');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const samples = new Float32Array(100);
      samples[99] = value;
      expect(codeOf(() => requireUtterance(samples, MAX_CONTEXT))).toBe('audio_not_finite');
    }
  });

  it('says how long the audio is and how long it may be', () => {
    expect(() => requireUtterance(new Float32Array(496_000), MAX_CONTEXT)).toThrow(/at most 30\.0 s long, this one is 31\.0 s/);
  });
});

describe('requireAskable', () => {
  /** The field that is refused, and why; null if none is. */
  function refused(asked: Partial<RecognitionRequest>): readonly unknown[] | null {
    try {
      requireAskable({ samples: new Float32Array(1), language: 'el', ...asked }, { config: TINY, promptLength: 52 });
      return null;
    } catch (error) {
      const { code, param, message } = error as FloraAsrError;
      return [code, param, message];
    }
  }

  it('takes what is within the limits', () => {
    expect(refused({})).toBeNull();
    const prefix = Array.from({ length: 40 }, (_, token) => token as TokenId);
    expect(refused({ temperature: 1, hotWords: Array.from({ length: 100 }, () => 'ω'.repeat(50)), prefix })).toBeNull();
  });

  it('goes on from whatever a row may say, a language among its words included', () => {
    const [language = TINY.special.transcribe] = TINY.languageTokens.values();
    const said = [1 as TokenId, language, TINY.special.timestampBegin - 1] as TokenId[];
    expect(refused({ prefix: said, draft: said })).toBeNull();
  });

  it('names the field that is beyond its limits, and what would be right', () => {
    const invalid = (asked: Partial<RecognitionRequest>, param: string, message: RegExp) =>
      expect(refused(asked)).toEqual(['argument_invalid', param, expect.stringMatching(message)]);
    for (const temperature of [-0.1, 1.1, Number.NaN]) invalid({ temperature }, 'temperature', /from 0 to 1/);
    for (const beamSize of [0, 6, 1.5, Number.NaN]) invalid({ beamSize }, 'beamSize', /1 to 5 hypotheses/);
    invalid({ hotWords: Array.from({ length: 101 }, () => 'a') }, 'hotWords', /at most 100 hot words, not 101/);
    invalid({ hotWords: ['ok', 'x'.repeat(51)] }, 'hotWords', /1 to 50 characters.* has 51/);
    invalid({ hotWords: ['  '] }, 'hotWords', /has 0/);
    for (const token of [-1, 0.5, TINY.special.endOfText, TINY.special.timestampBegin, TINY.vocab]) {
      invalid({ prefix: [1, token] as TokenId[] }, 'prefix', /text tokens/);
      invalid({ draft: [1, token] as TokenId[] }, 'draft', /text tokens/);
    }
    invalid({ prefix: Array.from({ length: 44 }, () => 1 as TokenId) }, 'prefix', /less than 44 tokens, not 44/);
  });
});
