import { describe, expect, it } from 'vitest';
import { type LanguageFinding, lockAfter, UNLOCKED } from '../../../asr/streaming/language-lock.ts';

function locked(...findings: readonly (readonly [language: string, probability: number, audioMs: number])[]): string | null {
  const all = findings.map(([language, probability, audioMs]): LanguageFinding => ({ language, probability, audioMs }));
  return all.reduce(lockAfter, UNLOCKED).language;
}

describe('the language of a stream', () => {
  it('is certain after one utterance of 2 s in which it is very probable', () => {
    expect(locked(['ca', 0.95, 2_000])).toBe('ca');
    expect(locked(['ca', 0.94, 3_000])).toBeNull();
    expect(locked(['ca', 0.99, 1_900])).toBeNull();
  });

  it('is certain after two utterances in a row in which it is probable, however short', () => {
    expect(locked(['ca', 0.8, 500], ['ca', 0.85, 700])).toBe('ca');
    expect(locked(['ca', 0.79, 3_000], ['ca', 0.85, 3_000])).toBeNull();
    expect(locked(['ca', 0.9, 1_000], ['es', 0.9, 1_000], ['ca', 0.9, 1_000])).toBeNull();
    expect(locked(['ca', 0.9, 1_000], ['es', 0.9, 1_000], ['es', 0.9, 1_000])).toBe('es');
    expect(locked(['ca', 0.9, 1_000], ['ca', 0.5, 1_000], ['ca', 0.9, 1_000])).toBeNull();
  });

  it('stays what it is', () => {
    expect(locked(['ca', 0.99, 3_000], ['es', 1, 3_000], ['es', 1, 3_000])).toBe('ca');
  });
});
