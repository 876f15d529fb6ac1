import { describe, expect, it } from 'vitest';
import { measure } from '../../../bench/wer/measure.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { testEngine } from '../../support/test-engine.ts';
import { samplesOf, utterance } from './spoken-utterances.ts';

const SEED = { seed: 1 };
const base = () => null;

describe('a measurement', () => {
  it('scores what the engine hears, by language, in the order of the utterances', async () => {
    const utterances = [
      utterance({ id: 'a', text: 'uno dos' }),
      utterance({ id: 'b', text: 'ένα', language: 'el' }),
      utterance({ id: 'c', text: 'tres' }),
    ];
    const engine = testEngine({ hear: ({ language }) => (language === 'el' ? 'ένα' : 'uno dos') });
    const { heard, languages } = await measure(engine, utterances, { ...SEED, samplesOf, adapterOf: base });
    expect(heard.map((one) => one.utterance.id)).toEqual(['a', 'b', 'c']);
    expect(heard.map((one) => one.hypothesis.text)).toEqual(['uno dos', 'ένα', 'uno dos']);
    expect([...languages.keys()]).toEqual(['es', 'el']);
    expect(languages.get('es')).toMatchObject({ wer: 2 / 3, words: 3, utterances: 2, guardTrips: 0, loops: 0, missing: 0 });
    expect(languages.get('el')).toMatchObject({ wer: 0 });
    // 9 ms of work for each second
    expect(languages.get('es')?.realTimeFactor).toBeCloseTo(0.009, 12);
  });

  it('mixes languages in its order of work, always the same way', async () => {
    const utterances = Array.from({ length: 40 }, (_, index) =>
      utterance({ id: `${index}`, language: index < 20 ? 'es' : 'el', durationSeconds: 0.01 }),
    );
    const [first, second] = [testEngine(), testEngine()];
    for (const engine of [first, second]) await measure(engine, utterances, { ...SEED, samplesOf, adapterOf: base });
    const order = first.requests.map(({ language }) => language);
    expect(order.slice(0, 20)).toContain('el');
    expect(order.slice(0, 20)).toContain('es');
    expect(second.requests.map(({ language }) => language)).toEqual(order);
  });

  it('asks for the adapter of each utterance, and for its context', async () => {
    const engine = testEngine();
    const options = { ...SEED, samplesOf, adapterOf: base, context: 'full' } as const;
    await measure(engine, [utterance({ id: 'a' })], options);
    expect(engine.requests).toMatchObject([{ adapter: null, context: 'full' }]);
    const missing = { ...options, adapterOf: () => 'not-there' };
    await expect(measure(engine, [utterance({ id: 'a' })], missing)).rejects.toMatchObject({ code: 'adapter_not_found' });
  });

  it('counts an utterance that cannot be heard as deletions, and goes on', async () => {
    const utterances = [utterance({ id: 'a', durationSeconds: 31, text: 'uno dos' }), utterance({ id: 'b' })];
    const { heard, languages } = await measure(testEngine({ hear: () => 'uno' }), utterances, {
      ...SEED,
      samplesOf,
      adapterOf: base,
    });
    expect(heard[0]?.hypothesis).toMatchObject({ text: null, error: 'audio_too_long' });
    expect(languages.get('es')).toMatchObject({ deletions: 2, missing: 1, words: 3 });
  });

  it('fails where nothing at all can be heard, and at once where the engine does', async () => {
    const long = [utterance({ id: 'a', durationSeconds: 31 })];
    const options = { ...SEED, samplesOf, adapterOf: base };
    await expect(measure(testEngine(), long, options)).rejects.toMatchObject({ code: 'audio_too_long' });
    const broken = testEngine({ hear: () => Promise.reject(new FloraAsrError('engine_closed', 'closed')) });
    const two = [utterance({ id: 'a' }), utterance({ id: 'b' })];
    await expect(measure(broken, two, options)).rejects.toMatchObject({ code: 'engine_closed' });
  });
});
