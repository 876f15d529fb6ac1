import { describe, expect, it } from 'vitest';
import { urlSystem } from '../../../bench/wer/url-system.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';
import { samplesOf, utterance } from './spoken-utterances.ts';

const serve = httpServers();
const progress = { onCached: () => undefined, onDone: () => undefined };
const { signal } = new AbortController();
const spoken = [
  utterance({ id: 'a', language: 'el', durationSeconds: 0.5 }),
  utterance({ id: 'b', language: 'es', durationSeconds: 0.5 }),
];

describe('a service behind a URL', () => {
  it('is asked for each utterance in its language, as the OpenAI API is', async () => {
    // loud enough for the voice detector of the tests
    const loud = () => new Float32Array(8_000).fill(0.9);
    const url = await serve(createTestService({ hear: ({ language }) => `words in ${language}` }));
    const system = urlSystem({ url: `${url}v1/`, model: 'whisper-1', apiKey: 'any', samplesOf: loud, signal });
    const hypotheses = await system.hear(spoken, progress);
    expect(hypotheses.map(({ text }) => text)).toEqual(['words in el', 'words in es']);
    expect(hypotheses[0]?.latencyMs).toBeGreaterThan(0);
  });

  it('that answers nothing but errors fails with the first of them', async () => {
    const url = await serve(createTestService());
    const system = urlSystem({ url: `${url}v2`, model: 'whisper-1', apiKey: 'any', samplesOf, signal });
    await expect(system.hear(spoken, progress)).rejects.toMatchObject({
      code: 'tool_failed',
      message: expect.stringContaining('answered 404') as string,
    });
  });
});
