import { describe, expect, it, vi } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { transcriptionEventSchema } from '../../../server/protocol/audio-answers.ts';
import { errorBodySchema } from '../../../server/protocol/rest-messages.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { manualScheduler } from '../../support/manual-scheduler.ts';
import { type FormEntry, form, httpServers } from '../../support/serve-http.ts';
import { createTestService, type TestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const SECOND = 31; // windows of 32 ms
const TWO_UTTERANCES = windowsOf([SECOND, 0.75], [SECOND, 0], [SECOND, 0.75], [SECOND, 0]);
const WAV = wavOf(signalOf(TWO_UTTERANCES));
const STEREO = wavOf(signalOf(TWO_UTTERANCES), signalOf([...windowsOf([15, 0]), ...TWO_UTTERANCES.slice(0, -15)]));

const serve = httpServers();

async function stream(service: TestService, ...entries: readonly FormEntry[]): Promise<Response> {
  const url = new URL('/v1/audio/transcriptions', await serve(service));
  const body = form(['file', WAV], ['language', 'el'], ['stream', 'true'], ...entries);
  return fetch(url, { method: 'POST', body });
}

/** Server-sent events; comments are left out. */
function eventsIn(text: string): { readonly event: string | null; readonly data: string }[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({ event: /^event: (.*)$/m.exec(block)?.[1] ?? null, data: /^data: (.*)$/m.exec(block)?.[1] ?? '' }));
}

/** Tells words when it is told to, utterance by utterance. */
function slowEngine() {
  const waiting: { readonly resolve: (text: string) => void; readonly reject: (error: Error) => void }[] = [];
  return { waiting, hear: async () => new Promise<string>((resolve, reject) => waiting.push({ resolve, reject })) };
}

describe('stream=true', () => {
  it('answers with an event for each utterance, all of it, and the end', async () => {
    const words = ['καλημέρα', 'σε όλους'];
    const answer = await stream(createTestService({ hear: () => words.shift() ?? '' }));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect([answer.headers.get('cache-control'), answer.headers.get('x-accel-buffering')]).toEqual(['no-store', 'no']);
    const events = eventsIn(await answer.text());
    expect(events.every(({ event }) => event === null)).toBe(true);
    expect(events.pop()?.data).toBe('[DONE]');
    expect(events.map(({ data }) => transcriptionEventSchema.parse(JSON.parse(data)))).toEqual([
      { type: 'transcript.text.delta', delta: 'καλημέρα' },
      { type: 'transcript.text.delta', delta: ' σε όλους' },
      {
        type: 'transcript.text.done',
        text: 'καλημέρα σε όλους',
        usage: { type: 'duration', seconds: (4 * SECOND * 512) / 16_000 },
        adapter: null,
      },
    ]);
  });

  it('tells the first words while the rest is recognised', async () => {
    const { waiting, hear } = slowEngine();
    const answer = await stream(createTestService({ hear }));
    const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[0]?.resolve('καλημέρα');
    let heard = '';
    while (!heard.includes('καλημέρα')) heard += (await reader.read()).value ?? '';
    expect(heard).not.toContain('[DONE]');
    waiting[1]?.resolve('σε όλους');
    for (let next = await reader.read(); !next.done; next = await reader.read()) heard += next.value;
    expect(eventsIn(heard).at(-1)?.data).toBe('[DONE]');
  });

  it('tells log-probabilities where they are asked for, of each utterance and of all', async () => {
    const words = ['καλημέρα', 'σε όλους'];
    const answer = await stream(createTestService({ hear: () => words.shift() ?? '' }), ['include[]', 'logprobs']);
    const events = eventsIn(await answer.text()).slice(0, -1);
    const [first, , done] = events.map(({ data }) => JSON.parse(data) as { logprobs: { token: string; logprob: number }[] });
    expect(first?.logprobs).toMatchObject([{ token: ' καλημέρα', logprob: -0.25 }]);
    expect(done?.logprobs.map(({ token }) => token).join('')).toBe(' καλημέρα σε όλους');
  });

  it('tells who speaks, by time, where channels are speakers', async () => {
    const hear = ({ samples }: { readonly samples: Float32Array }) => `${samples.length}`;
    const url = new URL('/v1/audio/transcriptions', await serve(createTestService({ hear })));
    const body = form(['file', STEREO], ['language', 'el'], ['stream', 'true'], ['response_format', 'diarized_json']);
    const events = eventsIn(await (await fetch(url, { method: 'POST', body })).text()).slice(0, -1);
    const speakers = events.flatMap(({ data }) => {
      const event = transcriptionEventSchema.parse(JSON.parse(data));
      return event.type === 'transcript.text.segment' ? [event.speaker] : [];
    });
    expect(speakers).toEqual(['A', 'B', 'A', 'B']);
  });
});

describe('what goes wrong', () => {
  it('before recognition begins is an answer with its status, as without a stream', async () => {
    const service = createTestService();
    const unreadable = form(['file', new TextEncoder().encode('no audio'.repeat(99))], ['language', 'el'], ['stream', 'true']);
    const url = new URL('/v1/audio/transcriptions', await serve(service));
    const answer = await fetch(url, { method: 'POST', body: unreadable });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/json; charset=utf-8']);
    expect(errorBodySchema.parse(await answer.json()).error).toMatchObject({ code: 'audio_unreadable', param: 'file' });
  });

  it('in between is an event, and the end; it is counted and logged as any failure', async () => {
    const { waiting, hear } = slowEngine();
    const service = createTestService({ hear });
    const answer = await stream(service);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[0]?.resolve('καλημέρα');
    waiting[1]?.reject(new FloraAsrError('engine_failed', 'The worker was lost.'));
    const events = eventsIn(await answer.text());
    const last = events.at(-1);
    expect(last?.event).toBe('error');
    expect(errorBodySchema.parse(JSON.parse(last?.data ?? '')).error).toMatchObject({ code: 'engine_failed' });
    expect(events.some(({ data }) => data === '[DONE]')).toBe(false);
    expect(service.metrics.refusals).toEqual([{ protocol: 'rest', code: 'engine_failed' }]);
    expect(service.logged.some(({ level }) => level === 50)).toBe(true);
    expect(service.metrics.utterances).toHaveLength(1);
  });

  it('is told, when the client goes away, to the engine: it computes no further', async () => {
    const { waiting, hear } = slowEngine();
    const service = createTestService({ hear, configuration: { maxRequests: 1 } });
    const leaving = new AbortController();
    const url = new URL('/v1/audio/transcriptions', await serve(service));
    const body = form(['file', WAV], ['language', 'el'], ['stream', 'true']);
    const answer = await fetch(url, { method: 'POST', body, signal: leaving.signal });
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    leaving.abort();
    await expect(answer.text()).rejects.toThrow();
    await vi.waitFor(() => expect(service.engine.rowsInFlight).toBe(0));
    await vi.waitFor(() => expect(service.metrics.requests).toMatchObject([{ status: 499 }]));
    expect(service.metrics.refusals).toEqual([]);
  });
});

it('sends a comment now and then while nothing is said, so that proxies keep the connection', async () => {
  const { waiting, hear } = slowEngine();
  const time = manualScheduler();
  const url = new URL('/v1/audio/transcriptions', await serve(createTestService({ hear }), { schedule: time.schedule }));
  const body = form(['file', WAV], ['language', 'el'], ['stream', 'true']);
  const answer = await fetch(url, { method: 'POST', body });
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  time.advance(50_000);
  for (const { resolve } of waiting) resolve('ναι');
  const text = await answer.text();
  expect(text.match(/^: $/gm)).toHaveLength(4);
  expect(eventsIn(text).at(-1)?.data).toBe('[DONE]');
});
