import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAdapter } from '../../../adapters/load-adapter.ts';
import { publishedAdapters } from '../../../adapters/published-folder.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { heard, type SpeechPiece, speechFixtures, startRealEngine } from '../../support/real-engine.ts';

const LANGUAGES = ['es', 'el', 'ru'];
const SILENCE_SECONDS = 2;

let engine: Engine;
let pieces: readonly SpeechPiece[];
beforeAll(async () => {
  const adapters = LANGUAGES.map((language) => loadAdapter(path.join(publishedAdapters() ?? '', language)));
  engine = await startRealEngine({ adapters });
  pieces = (await speechFixtures()).filter(({ language }) => LANGUAGES.includes(language));
});
afterAll(async () => engine.close());

const listen = async (request: RecognitionRequest) => engine.recognise(request);

describe('the times of words', () => {
  it('join to the text, never fall, and lie inside the utterance', async () => {
    for (const piece of pieces) {
      const { text, tokens, words } = await listen({ ...piece, words: true });
      expect(words?.map((word) => word.text).join('')).toBe(text);
      expect(words?.length).toBe(text.split(' ').length);
      let [timeMs, token] = [0, 0];
      for (const word of words ?? []) {
        expect(word.startMs).toBeGreaterThanOrEqual(timeMs);
        expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
        expect(word.firstToken).toBe(token);
        expect(word.probability > 0 && word.probability <= 1).toBe(true);
        [timeMs, token] = [word.endMs, word.endToken];
      }
      expect(timeMs).toBeLessThanOrEqual(piece.samples.length / 16);
      expect(timeMs).toBeGreaterThan(0.6 * (piece.samples.length / 16));
      expect(token).toBe(tokens.length);
    }
  });

  it('move with the recording when there is silence before it', async () => {
    const silence = new Float32Array(SILENCE_SECONDS * 16_000);
    let compared = 0;
    for (const piece of pieces) {
      const alone = await listen({ ...piece, words: true });
      const later = await listen({ ...piece, samples: Float32Array.of(...silence, ...piece.samples), words: true });
      if (later.words?.length !== alone.words?.length) continue; // silence before it made other words of it
      for (const [index, word] of (alone.words ?? []).entries()) {
        const moved = later.words?.[index];
        for (const edge of ['startMs', 'endMs'] as const) {
          const byMs = (moved?.[edge] ?? Number.NaN) - word[edge];
          expect(Math.abs(byMs - 1_000 * SILENCE_SECONDS), `${word.text} ${edge}`).toBeLessThanOrEqual(150);
        }
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(15);
  });

  it('cost nothing else: words, tokens and probabilities are those of a row that does not ask', async () => {
    for (const piece of pieces.slice(0, 3)) {
      const asked = await listen({ ...piece, words: true });
      const plain = await listen(piece);
      expect(asked.words).not.toBeNull();
      expect(plain.words).toBeNull();
      expect(heard({ ...asked, words: null })).toEqual(heard(plain));
    }
  });
});

describe('a prefix', () => {
  it('of what the model says anyway changes nothing, and the model’s own probabilities by rounding alone', async () => {
    const [piece] = pieces as [SpeechPiece];
    const free = await listen(piece);
    for (const length of [1, 3, free.tokens.length]) {
      const forced = await listen({ ...piece, prefix: free.tokens.slice(0, length) });
      expect({ ...heard(forced), tokenLogProbs: null }).toEqual({ ...heard(free), tokenLogProbs: null });
      expect(forced.tokenLogProbs).toHaveLength(free.tokenLogProbs.length);
      const differences = forced.tokenLogProbs.map((logProb, index) => Math.abs(logProb - (free.tokenLogProbs[index] ?? 0)));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    }
  });

  it('is in the text whatever is said, with the little probability that the model gives it', async () => {
    const [piece, other] = pieces.filter(({ language }) => language === 'es') as [SpeechPiece, SpeechPiece];
    const { tokens } = await listen(other);
    const prefix = tokens.slice(0, 2) as readonly TokenId[];
    const forced = await listen({ ...piece, prefix, words: true });
    expect(forced.tokens.slice(0, 2)).toEqual(prefix);
    expect(forced.words?.map((word) => word.text).join('')).toBe(forced.text);
    const free = await listen(piece);
    expect(forced.tokenLogProbs[1]).toBeLessThan(free.tokenLogProbs[1] ?? 0);
  });
});

describe('a temperature', () => {
  it('draws, and draws the same again', async () => {
    const [piece] = pieces as [SpeechPiece];
    const request = { ...piece, temperature: 1, decoding: { guards: false } };
    const drawn = await listen(request);
    expect(drawn.temperature).toBe(1);
    expect(heard(await listen(request))).toEqual(heard(drawn));
    expect(drawn.tokens).not.toEqual((await listen(piece)).tokens);
  });
});

describe('a prompt', () => {
  it('of any length leaves room for the text, and no-speech is asked at start-of-transcript', async () => {
    const [piece] = pieces as [SpeechPiece];
    const free = await listen(piece);
    const prompted = await listen({ ...piece, prompt: 'Una palabra tras otra. '.repeat(100) });
    expect(prompted.text.length).toBeGreaterThan(0);
    expect(prompted.noSpeechProb).toBeGreaterThan(0);
    expect(prompted.noSpeechProb).toBeLessThan(0.5);
    expect(prompted.tokenLogProbs).not.toEqual(free.tokenLogProbs);
  });
});

describe('the language that is spoken', () => {
  it('is found among those it may be, with probabilities that sum to 1', async () => {
    const [piece] = pieces.filter(({ language }) => language === 'es') as [SpeechPiece];
    const detected = await engine.detectLanguage({ samples: piece.samples, among: ['el', 'es-ES', 'ru'] });
    expect(detected.language).toBe('es-ES');
    expect(detected.probability).toBe(detected.probabilities['es-ES']);
    expect(Object.values(detected.probabilities).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
    const all = await engine.detectLanguage({ samples: piece.samples, among: [] });
    expect(Object.keys(all.probabilities)).toHaveLength(engine.config.languageTokens.size);
  });

  it('is refused, or cancelled, as a recognition is', async () => {
    const { samples } = pieces[0] as SpeechPiece;
    const codeFrom = async (work: Promise<unknown>) => work.catch((error: { code: string }) => error.code);
    expect(await codeFrom(engine.detectLanguage({ samples, among: ['tlh'] }))).toBe('language_unknown');
    expect(await codeFrom(engine.detectLanguage({ samples: new Float32Array(0), among: [] }))).toBe('audio_empty');
    const stop = new AbortController();
    const detecting = codeFrom(engine.detectLanguage({ samples, among: [], signal: stop.signal }));
    stop.abort();
    expect(await detecting).toBe('cancelled');
    expect(engine.rowsInFlight).toBe(0);
  });
});
