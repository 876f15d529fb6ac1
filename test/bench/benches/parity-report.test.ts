import { describe, expect, it } from 'vitest';
import {
  type Compared,
  firstDifference,
  isLoop,
  type System,
  type Transcript,
} from '../../../bench/benches/parity-comparison.ts';
import { parityReport } from '../../../bench/benches/parity-report.ts';
import { parityText } from '../../../bench/benches/parity-text.ts';

const LIMIT = 20;

function transcript(text: string, tokens: readonly number[] = [1, 2, 3]): Transcript {
  return { text, tokens };
}

function utterance(id: string, language: string, texts: Partial<Record<System, Transcript>>): Compared {
  const right = transcript('one two three four');
  const transcripts = { fp32: right, int8: right, fasterWhisper: right, ...texts };
  return { id, language, reference: 'One, two, three, four.', spoken: true, transcripts };
}

describe('a loop', () => {
  it('is text that compresses more than 2.4 times', () => {
    expect(isLoop(transcript('ha '.repeat(40)), LIMIT)).toBe(true);
    expect(isLoop(transcript('A blue hat with a red feather.'), LIMIT)).toBe(false);
  });

  it('is a transcript that only the token limit ended', () => {
    expect(
      isLoop(
        transcript(
          'short',
          Array.from({ length: LIMIT }, (_, i) => i),
        ),
        LIMIT,
      ),
    ).toBe(true);
    expect(
      isLoop(
        transcript(
          'short',
          Array.from({ length: LIMIT - 1 }, (_, i) => i),
        ),
        LIMIT,
      ),
    ).toBe(false);
  });
});

describe('two transcripts', () => {
  it('differ from the first other token on, or where the shorter one ends', () => {
    expect(firstDifference(transcript('a', [1, 2, 3]), transcript('b', [1, 5, 3]))).toBe(1);
    expect(firstDifference(transcript('a', [1, 2, 3]), transcript('b', [1, 2]))).toBe(2);
    expect(firstDifference(transcript('a', [1, 2]), transcript('a', [1, 2]))).toBeNull();
  });

  it('are the same if neither has text: the peer drops blank segments with their tokens', () => {
    expect(firstDifference(transcript(' ', [220]), transcript('', []))).toBeNull();
    expect(firstDifference(transcript('a', [64]), transcript('', []))).toBe(0);
  });
});

describe('the parity report', () => {
  const loop = transcript('two '.repeat(60));
  const report = parityReport(
    [
      utterance('es/same', 'es', {}),
      utterance('es/other', 'es', { fp32: transcript('one two three', [1, 2]) }),
      utterance('fr/our-loop', 'fr', { fp32: loop, fasterWhisper: loop }),
      utterance('fr/int8', 'fr', { int8: transcript('one two', [1]) }),
      utterance('fr/int8-loop', 'fr', { int8: loop }),
    ],
    LIMIT,
  );

  it('counts identical tokens over all utterances, and lists the others', () => {
    expect(report.tokenIdentical).toBe(0.8);
    expect(report.differing).toEqual([
      { id: 'es/other', firstDifference: 2, fp32: 'one two three', fasterWhisper: 'one two three four' },
    ]);
    expect(report.perLanguage.map(({ language, identical, utterances }) => [language, identical, utterances])).toEqual([
      ['es', 1, 2],
      ['fr', 3, 3],
    ]);
  });

  it('compares WER only where neither of the two loops', () => {
    // 1 of 16 words, the utterance that loops left out
    expect(report.werGapFp32).toBeCloseTo(6.25);
    expect(report.gaps.fp32).toMatchObject({ loopingUtterances: 1, points: 6.25 });
    // int8 errs in 2, fp32 in 1, of 12 words; two loops left out
    expect(report.werGapInt8).toBeCloseTo(100 / 12);
    expect(report.gaps.int8.loopingUtterances).toBe(2);
  });

  it('gives absolute gaps at the top, and signed ones below', () => {
    const better = parityReport([utterance('es/a', 'es', { fasterWhisper: transcript('one two three', [9]) })], LIMIT);
    expect(better.werGapFp32).toBe(25);
    expect(better.gaps.fp32.points).toBe(-25);
    expect(better.passed).toEqual({ tokenIdentical: false, werGapFp32: false, werGapInt8: true });
  });

  it('counts loops apart, by system', () => {
    expect(report.looping).toEqual({
      fp32: { count: 1, ids: ['fr/our-loop'] },
      int8: { count: 1, ids: ['fr/int8-loop'] },
      fasterWhisper: { count: 1, ids: ['fr/our-loop'] },
    });
  });

  it('has no WER where everything loops', () => {
    const looping = parityReport([utterance('fr/a', 'fr', { fp32: loop })], LIMIT);
    expect(looping.werGapFp32).toBeNull();
    expect(looping.passed.werGapFp32).toBe(false);
    expect(parityText(looping)).toContain('no WER, 1 looping ones apart');
  });

  it('reads as text, with what was missed', () => {
    const text = parityText(report);
    expect(text).toContain('80.0 % (4 of 5); MISSED: at least 95.0 %');
    expect(text).toContain('fp32 against faster-whisper: +6.25 points of WER');
    expect(text).toContain('es/other, from token 2 on');
  });
});
