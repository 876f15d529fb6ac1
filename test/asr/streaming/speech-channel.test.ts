import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { testEngine } from '../../support/test-engine.ts';
import { idle, openStream, patientEngine, told, until } from '../../support/test-stream.ts';

const SPEECH = signalOf(windowsOf([40, 0.9]));
const PAUSE = signalOf(windowsOf([20, 0]));
const ONE = Float32Array.of(...SPEECH, ...PAUSE);

function finals(events: readonly SpeechEvent[]) {
  return events.filter((event) => event.kind === 'final');
}

describe('a change of language', () => {
  it('ends the utterance that is open at that very sample, and what follows is in the other language', async () => {
    const engine = testEngine();
    const { stream, events } = openStream({ engine });
    stream.push([SPEECH.subarray(0, 10_000)]);
    stream.setLanguage({ language: 'el' });
    stream.push([ONE]);
    await stream.finish();
    expect(told(events)).toEqual([
      'started 0',
      'language 0-625: es 10000',
      'started 625',
      expect.stringMatching(/^pause 625-\d+: el \d+$/),
    ]);
    expect(finals(events).map(({ language }) => language)).toEqual(['es', 'el']);
  });

  it('has no utterance, where nobody speaks, and takes nothing of what was before into the next', async () => {
    const { stream, events } = openStream();
    stream.push([signalOf(windowsOf([10, 0], [1, 0.9]))]);
    stream.setLanguage({ language: 'el' });
    stream.push([ONE]);
    await stream.finish();
    expect(told(events)).toEqual(['started 352', expect.stringMatching(/^pause 352-/)]);
  });

  it('takes its place among the audio, whatever its rate, its pieces and its endpointing', async () => {
    const at44k = (samples: Float32Array) =>
      Float32Array.from({ length: Math.round(samples.length * 2.75625) }, (_, index) => {
        return samples[Math.min(samples.length - 1, Math.floor(index / 2.75625))] as number;
      });
    const signal = at44k(Float32Array.of(...ONE, ...SPEECH, ...ONE));
    const endpointings = fc.constantFrom('off' as const, { silenceMs: 320, prefixMs: 160, threshold: 0.5 });
    const run = async (endpointing: Parameters<typeof openStream>[0], place: number, pieces: readonly number[]) => {
      const { stream, events } = openStream({ sampleRateHz: 44_100, ...endpointing });
      for (let [start, turn] = [0, 0]; start < signal.length; turn += 1) {
        const end = Math.min(start + (pieces[turn % pieces.length] ?? 1), start < place ? place : signal.length);
        stream.push([signal.subarray(start, end)]);
        if (end === place) stream.setLanguage({ language: 'fr' });
        start = end;
      }
      await stream.finish();
      return events;
    };
    await fc.assert(
      fc.asyncProperty(
        endpointings,
        fc.integer({ min: 1, max: signal.length - 1 }),
        fc.array(fc.integer({ min: 500, max: 60_000 }), { minLength: 1, maxLength: 4 }),
        async (endpointing, place, pieces) => {
          const events = await run({ endpointing }, place, pieces);
          expect(finals(events).map(line)).toEqual(finals(await run({ endpointing }, place, [signal.length])).map(line));
          const changedMs = (1000 * place) / 44_100;
          for (const { language, startMs, endMs } of finals(events)) {
            if (language === 'es') expect(endMs).toBeLessThanOrEqual(Math.ceil(changedMs));
            else expect(startMs).toBeGreaterThanOrEqual(Math.floor(changedMs));
          }
          if (endpointing !== 'off') return;
          const length = finals(events).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
          expect(length).toBe(Math.round((1000 * signal.length) / 44_100));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('goes by the other language’s adapter, unless it names one', async () => {
    const engine = testEngine();
    const { stream } = openStream({ engine, adapter: null, prompt: 'Antes.' });
    stream.push([SPEECH]);
    stream.setLanguage({ language: 'el' });
    stream.push([SPEECH]);
    stream.setLanguage({ language: 'fr', adapter: null });
    stream.push([SPEECH]);
    await stream.finish();
    expect(engine.requests.map(({ language, adapter, prompt }) => [language, adapter, prompt])).toEqual([
      ['es', null, 'Antes.'],
      ['el', undefined, 'Antes.'],
      ['fr', null, 'Antes.'],
    ]);
  });

  it('is refused once nothing more may come', async () => {
    const { stream } = openStream();
    await stream.finish();
    expect(() => stream.setLanguage({ language: 'el' })).toThrow(expect.objectContaining({ code: 'audio_after_finish' }));
    stream.cancel();
    expect(() => stream.setBias({ prompt: '' })).toThrow(expect.objectContaining({ code: 'cancelled' }));
  });
});

describe('a change of words that are likely', () => {
  it('holds from there on, for what it names', async () => {
    const engine = testEngine();
    const { stream } = openStream({
      engine,
      prompt: 'uno',
      hotWords: ['perro'],
      temperature: 0.2,
      task: 'translate',
      words: true,
    });
    stream.push([ONE]);
    stream.setBias({ hotWords: ['gato'] });
    stream.push([ONE]);
    stream.setBias({ prompt: 'dos', hotWords: [] });
    stream.push([ONE]);
    await stream.finish();
    expect(engine.requests.map(({ prompt, hotWords }) => [prompt, hotWords])).toEqual([
      ['uno', ['perro']],
      ['uno', ['gato']],
      ['dos', []],
    ]);
    for (const { temperature, task, words } of engine.requests)
      expect([temperature, task, words]).toEqual([0.2, 'translate', true]);
  });

  it('does not end the utterance that is open', async () => {
    const engine = testEngine();
    const { stream, events } = openStream({ engine });
    stream.push([SPEECH]);
    stream.setBias({ prompt: 'dos' });
    stream.push([ONE]);
    await stream.finish();
    expect(finals(events)).toHaveLength(1);
    expect(engine.requests[0]?.prompt).toBe('dos');
  });
});

describe('a language that is found', () => {
  it('is listened for in each utterance until it is certain, and then kept', async () => {
    const found = [
      { language: 'fr', probability: 0.5 },
      { language: 'es', probability: 0.85 },
      { language: 'es', probability: 0.8 },
    ];
    let listened = 0;
    const detect = (_samples: Float32Array, among: readonly string[]) => {
      expect(among).toEqual(['es', 'fr']);
      listened += 1;
      return found[listened - 1] ?? { language: 'el', probability: 1 };
    };
    const { stream, events } = openStream({ engine: testEngine({ detect }), language: { among: ['es', 'fr'] } });
    for (let turn = 0; turn < 5; turn += 1) stream.push([ONE]);
    await stream.finish();
    expect(finals(events).map(({ language }) => language)).toEqual(['fr', 'es', 'es', 'es', 'es']);
    expect(finals(events).map(({ result }) => result.text.slice(0, 2))).toEqual(['fr', 'es', 'es', 'es', 'es']);
    expect(listened).toBe(3);
  });

  it('fails with the utterance that it cannot be found for', async () => {
    const detect = async () => Promise.reject(new FloraAsrError('engine_failed', 'The worker was lost.'));
    const { stream, events } = openStream({ engine: testEngine({ detect }), language: { among: [] } });
    stream.push([ONE]);
    await stream.finish();
    expect(told(events)).toEqual(['started 0', expect.stringMatching(/^engine_failed 0-/)]);
  });

  it('is awaited by partials, which are in it', async () => {
    const listened: number[] = [];
    const detect = (samples: Float32Array) => {
      listened.push(samples.length);
      return { language: 'fr', probability: 0.5 };
    };
    const { engine, answers } = patientEngine({ detect });
    const { stream, events } = openStream({ engine, language: { among: [] }, partials: { cadenceMs: 320 } });
    stream.push([SPEECH]);
    stream.push([SPEECH]);
    await idle();
    expect([listened, answers.length]).toEqual([[], 0]);
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    expect(listened).toEqual([3 * 16_000]);
    answers[0]?.('un chien mange');
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({ kind: 'partial', language: 'fr', text: 'un chien' });
    stream.push([PAUSE]);
    await until(() => answers.length === 2);
    answers[1]?.('un chien mange');
    await stream.finish();
    expect(finals(events)).toMatchObject([{ language: 'fr', result: { text: 'un chien mange' } }]);
    expect(listened).toHaveLength(1);
  });
});

function line(event: SpeechEvent): string {
  return told([event]).join('');
}
