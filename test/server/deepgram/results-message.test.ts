import type { Deepgram } from '@deepgram/sdk';
import { describe, expect, it } from 'vitest';
import { resultsSchema } from '../../../server/deepgram/messages.ts';
import { modelOf } from '../../../server/deepgram/model-info.ts';
import { emptyResults, finalResults, interimResults } from '../../../server/deepgram/results-message.ts';
import { TINY_BASE } from '../../support/tiny-whisper.ts';
import { finalEvent, partialEvent } from './speech-events.ts';

const context = { requestId: 'request', channels: 2, extra: { call: '17' } };
const model = modelOf({ ...TINY_BASE, targets: [] }, null);
const options = { context, model, punctuate: true, speechFinal: true };

describe('Results', () => {
  it("of an utterance are what Deepgram's SDK expects", () => {
    const results: Deepgram.listen.ListenV1Results = finalResults(finalEvent('¿Un sombrero azul?', { channel: 1 }), options);
    expect(resultsSchema.parse(results)).toEqual(results);
    expect(results).toEqual({
      type: 'Results',
      channel_index: [1, 2],
      start: 1,
      duration: 1.5,
      is_final: true,
      speech_final: true,
      from_finalize: false,
      channel: {
        alternatives: [
          {
            transcript: '¿Un sombrero azul?',
            confidence: 0.5,
            languages: ['es'],
            words: [
              { word: 'un', start: 1, end: 1.2, confidence: 0.75, language: 'es', punctuated_word: '¿Un' },
              { word: 'sombrero', start: 1.2, end: 1.4, confidence: 0.75, language: 'es', punctuated_word: 'sombrero' },
              { word: 'azul', start: 1.4, end: 1.6, confidence: 0.75, language: 'es', punctuated_word: 'azul?' },
            ],
          },
        ],
      },
      metadata: {
        request_id: 'request',
        model_uuid: 'cdcdcdcd-cdcd-8dcd-8dcd-cdcdcdcdcdcd',
        model_info: { name: TINY_BASE.name, version: 'cdcdcdcdcdcd', arch: 'whisper', digest: TINY_BASE.digest },
        extra: { call: '17' },
      },
    });
  });

  it('without punctuation keep it in punctuated_word only', () => {
    const results = finalResults(finalEvent('¿Un sombrero azul?'), { ...options, punctuate: false });
    expect(results.channel.alternatives[0]?.transcript).toBe('un sombrero azul');
    expect(results.channel.alternatives[0]?.words.at(-1)?.punctuated_word).toBe('azul?');
  });

  it.each([
    ['pause', true, { speech_final: true, from_finalize: false }],
    ['pause', false, { speech_final: false, from_finalize: false }],
    ['flush', false, { speech_final: true, from_finalize: true }],
    ['finish', false, { speech_final: true, from_finalize: false }],
    ['length', true, { speech_final: false, from_finalize: false }],
    ['language', true, { speech_final: false, from_finalize: false }],
  ] as const)('of an utterance that ended by %s, pauses told: %s', (endedBy, speechFinal, flags) => {
    const results = finalResults(finalEvent('azul', { endedBy }), { ...options, speechFinal });
    expect(results).toMatchObject({ is_final: true, ...flags });
  });

  it('name the adapter that decoded it', () => {
    const adapter = { name: 'es', version: '3', digest: `sha256:${'ab'.repeat(32)}` };
    const { metadata } = finalResults(finalEvent('azul'), {
      ...options,
      model: modelOf({ ...TINY_BASE, targets: [] }, adapter),
    });
    expect(metadata.model_info).toEqual({ name: 'es', version: '3', arch: 'whisper', digest: adapter.digest });
    expect(metadata.model_uuid).toBe('abababab-abab-8bab-8bab-abababababab');
  });

  it('of what is still spoken may change', () => {
    const results: Deepgram.listen.ListenV1Results = interimResults(partialEvent('Un sombrero'), options);
    expect(resultsSchema.parse(results)).toEqual(results);
    expect(results).toMatchObject({ start: 1, duration: 1, is_final: false, speech_final: false, from_finalize: false });
    expect(results.channel.alternatives[0]).toMatchObject({ transcript: 'Un sombrero', confidence: 0.75 });
  });

  it('of nothing have no words and no confidence', () => {
    const results = emptyResults({ channel: 0, atMs: 2_000 }, context, model);
    expect(resultsSchema.parse(results)).toEqual(results);
    expect(results).toMatchObject({ start: 2, duration: 0, is_final: true, from_finalize: true });
    expect(finalResults(finalEvent(''), options).channel.alternatives[0]).toMatchObject({
      transcript: '',
      confidence: 0,
      words: [],
    });
  });
});
