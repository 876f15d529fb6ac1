import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logMel } from '../../../asr/features/log-mel.ts';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import type { TextTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { prepareExample } from '../../../bench/training/prepare-examples.ts';
import { fewestSamples, mostTokens, trainingTokens } from '../../../bench/training/training-tokens.ts';
import { TINY } from '../../support/tiny-whisper.ts';
import { speechLike } from './speech-like.ts';

/** Long enough for limits by audio to count: 30 s, 448 tokens. */
const CONFIG: WhisperConfig = { ...TINY, maxContext: 1_500, maxTokens: 448 };
const SPACE = 1;
/** A token for each letter from `a`, another for the space. */
const TOKENIZER: TextTokenizer = {
  decode: (tokens) => tokens.map((token) => (token === SPACE ? ' ' : String.fromCodePoint(95 + token))).join(''),
  encode: (text) =>
    Array.from(text, (letter) => (letter === ' ' ? SPACE : (letter.codePointAt(0) ?? 0) - 95)) as ReturnType<
      TextTokenizer['encode']
    >,
};
const MODEL = { config: CONFIG, tokenizer: TOKENIZER };
const SAMPLES = speechLike({ seconds: 1.01 });
const { startOfTranscript, transcribe, noTimestamps, endOfText } = CONFIG.special;

describe('a prepared example', () => {
  it('is fed its prompt and text, and learns the text and its end', () => {
    const example = { samples: SAMPLES, text: 'ad', language: 'es-419' };
    const { inputTokens, targetTokens } = prepareExample(example, { ...MODEL, context: { tailPositions: 32 } });
    expect(inputTokens).toEqual([startOfTranscript, 43, transcribe, noTimestamps, SPACE, 2, 5]);
    expect(targetTokens).toEqual([-1, -1, -1, SPACE, 2, 5, endOfText]);
  });

  it('has the features that the engine would feed, at its own context or at the full one', () => {
    const example = { samples: SAMPLES, text: 'ad', language: 'el' };
    for (const [context, positions] of [
      [{ tailPositions: 32 }, 51 + 32],
      ['full', 1_500],
    ] as const) {
      const row = prepareExample(example, { ...MODEL, context });
      expect(row.context).toBe(positions);
      expect(row.mel).toEqual(logMel(SAMPLES, { mels: CONFIG.mels, frames: 2 * positions }));
    }
  });

  it('is refused with a reason where decoding would never give its text', () => {
    const refusal = (text: string, samples = SAMPLES) => {
      const result = trainingTokens(text, samples.length, MODEL);
      return result.kind === 'refused' ? result.reason : result.kind;
    };
    expect(refusal(' ( ) ')).toBe('no_text');
    expect(refusal('af')).toBe('unwritable_token'); // 7 is suppressed
    expect(refusal('\u{80}'.repeat(3))).toBe('fits'); // 33
    expect(refusal(String.fromCodePoint(95 + 40))).toBe('unwritable_token'); // end-of-text
    expect(refusal('a'.repeat(60))).toBe('not_sayable');
    expect(refusal('a'.repeat(60), new Float32Array(48_000))).toBe('fits');
    expect(refusal('a'.repeat(300), new Float32Array(480_000))).toBe('decoder_full');
    const example = { samples: SAMPLES, text: 'a'.repeat(60), language: 'el' };
    expect(() => prepareExample(example, { ...MODEL, context: 'full' })).toThrowError(
      expect.objectContaining({ code: 'argument_invalid', param: 'text', message: expect.stringMatching(/^not_sayable: /) }),
    );
  });

  it('is refused without audio, with too much, and in a language that the model does not know', () => {
    const prepare = (samples: Float32Array, language: string) => () =>
      prepareExample({ samples, text: 'a', language }, { ...MODEL, context: 'full' });
    expect(prepare(new Float32Array(0), 'el')).toThrowError(expect.objectContaining({ code: 'audio_empty' }));
    expect(prepare(new Float32Array(480_001), 'el')).toThrowError(expect.objectContaining({ code: 'audio_too_long' }));
    expect(prepare(SAMPLES, 'xx')).toThrowError(expect.objectContaining({ code: 'language_unknown' }));
  });
});

describe('the fewest samples for a text', () => {
  it('are enough, and one fewer is not; null where no audio is enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (tokens) => {
        const fewest = fewestSamples(tokens, CONFIG);
        expect(fewest === null).toBe(tokens > 223);
        if (fewest === null) return;
        expect(mostTokens(fewest, CONFIG)).toBeGreaterThanOrEqual(tokens);
        if (fewest > 1) expect(mostTokens(fewest - 1, CONFIG)).toBeLessThan(tokens);
      }),
    );
    expect(fewestSamples(60, TINY)).toBeNull();
  });
});
