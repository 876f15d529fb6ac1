import { describe, expect, it } from 'vitest';
import { LISTENED_SAMPLES, SpokenLanguage } from '../../../asr/streaming/spoken-language.ts';

const UTTERANCE = new Float32Array(5 * 16_000);

describe('the language of a channel', () => {
  it('is what was told, without listening', async () => {
    const language = new SpokenLanguage('el', async () => Promise.reject(new Error('listened')));
    expect(language.known).toBe('el');
    expect(await language.of(UTTERANCE)).toBe('el');
  });

  it('is found by the first 3 s of each utterance until it is certain', async () => {
    const listened: number[] = [];
    const probabilities = [0.5, 0.97];
    const language = new SpokenLanguage({ among: ['ca', 'es'] }, async (samples, among) => {
      listened.push(samples.length);
      return { language: among[listened.length - 1] ?? '', probability: probabilities[listened.length - 1] ?? 0 };
    });
    expect(await language.of(UTTERANCE.subarray(0, 8_000))).toBe('ca');
    expect(language.known).toBeNull();
    expect(await language.of(UTTERANCE)).toBe('es');
    expect(language.known).toBe('es');
    expect(await language.of(UTTERANCE)).toBe('es');
    expect(listened).toEqual([8_000, LISTENED_SAMPLES]);
  });

  it('listens to utterances in their order, one after the other, so that time decides nothing', async () => {
    const answers: ((probability: number) => void)[] = [];
    const language = new SpokenLanguage({ among: ['ca'] }, async () => {
      const probability = await new Promise<number>((resolve) => answers.push(resolve));
      return { language: 'ca', probability };
    });
    const all = [language.of(UTTERANCE), language.of(UTTERANCE), language.of(UTTERANCE)];
    await Promise.resolve();
    expect(answers).toHaveLength(1);
    answers[0]?.(0.99);
    expect(await Promise.all(all)).toEqual(['ca', 'ca', 'ca']);
    expect(answers).toHaveLength(1);
  });

  it('fails for an utterance alone', async () => {
    let listened = 0;
    const language = new SpokenLanguage({ among: ['ca'] }, async () => {
      listened += 1;
      if (listened === 1) throw new RangeError('a bug');
      return { language: 'ca', probability: 0.5 };
    });
    const first = language.of(UTTERANCE);
    const second = language.of(UTTERANCE);
    await expect(first).rejects.toThrow('a bug');
    expect(await second).toBe('ca');
  });
});
