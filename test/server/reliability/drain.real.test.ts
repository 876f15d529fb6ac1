import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from '../../../bench/benches/fuzz/service-process.ts';
import { CaptionClient, refusedStream, textOf } from './caption-client.ts';
import { refusedUpload, type SentRecording, sentRecordings, unfinishedUpload, uploadText } from './recordings.ts';

describe('SIGTERM in mid-load', () => {
  let recordings: readonly SentRecording[];
  let service: ServiceProcess | undefined;
  beforeAll(async () => {
    recordings = await sentRecordings();
  });
  afterEach(async () => {
    if (service?.running) await service.stop();
  });

  it('answers all that was accepted, takes nothing new, and ends well', async () => {
    service = await ServiceProcess.start({
      settings: { DRAIN_SECONDS: '240', UPLOAD_TIMEOUT_SECONDS: '240' },
      env: process.env,
    });
    const { url } = service;
    const streamed = recordings.slice(0, 5);
    const uploaded = recordings.slice(5, 7);
    const expectedStreams = [];
    for (const recording of streamed) expectedStreams.push(await wholeStream(url, recording));
    const expectedUploads = [];
    for (const recording of uploaded) expectedUploads.push(await uploadText(url, recording));

    // all of it has been read by the service, and none of it answered, when the signal comes
    const clients = await Promise.all(streamed.map((recording) => sendAll(url, recording)));
    const uploads = Promise.allSettled(uploaded.map(async (recording) => uploadText(url, recording)));
    // as long as it is there, the service drains and can be asked
    const slow = unfinishedUpload(url);
    await untilAnswering(service, 1 + uploaded.length);
    service.terminate();
    await service.logged(({ msg }) => msg === 'draining');

    expect(await readiness(url)).toEqual({ status: 503, body: { status: 'draining', waiting_for: expect.any(String) } });
    expect(await refusedStream(url)).toEqual({ status: 503, code: 'draining' });
    expect(await refusedUpload(url, uploaded[0] as SentRecording)).toEqual({ status: 503, code: 'draining' });

    const ends = await Promise.all(clients.map((client) => client.ended));
    expect(ends.map(({ messages }) => textOf(messages))).toEqual(expectedStreams);
    for (const { code, messages } of ends) {
      expect(code).toBe(1001);
      expect(messages.at(-1)).toMatchObject({ type: 'closed', reason: 'drain' });
      expect(messages.filter(({ type }) => type === 'error')).toEqual([]);
    }
    expect(await uploads).toEqual(expectedUploads.map((value) => ({ status: 'fulfilled', value })));
    slow.destroy();
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  it('names the time that it could not answer when it must not wait', async () => {
    service = await ServiceProcess.start({ settings: { DRAIN_SECONDS: '0' }, env: process.env });
    const { url } = service;
    const [recording] = recordings as [SentRecording];
    const client = await sendAll(url, recording);
    service.terminate();
    const { code, messages } = await client.ended;
    const seconds = Math.round(recording.samples.length / 16) / 1000;
    expect(messages.slice(-2)).toEqual([
      {
        type: 'error',
        sequence: null,
        code: 'draining',
        message: expect.any(String),
        param: null,
        retryable: true,
        fatal: true,
        channel: null,
        start: 0,
        end: seconds,
      },
      { type: 'closed', reason: 'error', audio: seconds, finals: 0 },
    ]);
    expect(code).toBe(1001);
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });
});

async function sendAll(url: string, recording: SentRecording): Promise<CaptionClient> {
  const client = await CaptionClient.open({ url, ...recording });
  client.send(recording.samples);
  await client.wasRead();
  return client;
}

async function wholeStream(url: string, recording: SentRecording): Promise<string> {
  const client = await sendAll(url, recording);
  const { messages } = await client.finish();
  return textOf(messages);
}

async function untilAnswering(service: ServiceProcess, requests: number): Promise<void> {
  // the request for the metrics is one of them
  for (;;) {
    const [inFlight = 0] = await service.metrics('flora_asr_requests_in_flight');
    if (inFlight > requests) return;
    await sleep(10);
  }
}

async function readiness(url: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/health/ready`);
  return { status: answer.status, body: await answer.json() };
}
