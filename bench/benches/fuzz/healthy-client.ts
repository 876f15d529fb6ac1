import WebSocket from 'ws';
import { type FinalMessage, type ServerMessage, serverMessageSchema } from '../../../server/protocol/stream-messages.ts';
import { START } from './cases/frames.ts';
import type { Recording } from './fuzz-case.ts';
import { ONE_CONNECTION } from './service-process.ts';

export interface HealthyTask {
  /** of the service */
  readonly url: string;
  /** 16 kHz */
  readonly samples: Int16Array;
  readonly upload: Recording;
  readonly language: string;
}

export interface HealthyTexts {
  readonly stream: string;
  readonly upload: string;
}

/** What clients got that did nothing wrong. */
export interface HealthyReport {
  readonly streams: number;
  readonly uploads: number;
  /** texts that were not those of the first time, and errors */
  readonly differences: readonly string[];
}

/** One stream and one upload. @throws Error if one of them does not end well */
export async function healthyTexts(task: HealthyTask): Promise<HealthyTexts> {
  return { stream: await streamText(task), upload: await uploadText(task) };
}

/** One stream after the other, and beside it one upload after the other, until told to stop; at least one of each. */
export async function repeatHealthy(task: HealthyTask, expected: HealthyTexts, done: AbortSignal): Promise<HealthyReport> {
  const [streams, uploads] = await Promise.all([
    repeat(async () => streamText(task), expected.stream, done),
    repeat(async () => uploadText(task), expected.upload, done),
  ]);
  const differences = [
    ...streams.differences.map((difference) => `a stream: ${difference}`),
    ...uploads.differences.map((difference) => `an upload: ${difference}`),
  ];
  return { streams: streams.rounds, uploads: uploads.rounds, differences };
}

async function repeat(hear: () => Promise<string>, expected: string, done: AbortSignal) {
  const differences: string[] = [];
  let rounds = 0;
  do {
    rounds += 1;
    try {
      const text = await hear();
      if (text !== expected) differences.push(`gave ${JSON.stringify(text)}`);
    } catch (error) {
      differences.push(String(error));
    }
  } while (!done.aborted);
  return { rounds, differences };
}

async function uploadText({ url, upload: { bytes, contentType, format, language } }: HealthyTask): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)], { type: contentType }), `a.${format}`);
  form.set('language', language);
  form.set('response_format', 'text');
  const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form, ...ONE_CONNECTION });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`an upload was answered ${answer.status}: ${text}`);
  return text;
}

const FRAME_SAMPLES = 1_600;

async function streamText({ url, samples, language }: HealthyTask): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
  const finals: FinalMessage[] = [];
  return new Promise((resolve, reject) => {
    const take = (message: ServerMessage) => {
      if (message.type === 'final') finals.push(message);
      if (message.type === 'error') reject(new Error(`a stream was told ${message.code}: ${message.message}`));
      if (message.type !== 'ready') return;
      for (let at = 0; at < samples.length; at += FRAME_SAMPLES) socket.send(samples.subarray(at, at + FRAME_SAMPLES));
      socket.send(JSON.stringify({ type: 'finish' }));
    };
    socket.on('open', () => socket.send(JSON.stringify({ ...START, language })));
    socket.on('message', (data: Buffer) => take(serverMessageSchema.parse(JSON.parse(data.toString()))));
    socket.on('error', reject);
    socket.on('close', (code) => {
      if (code !== 1000) return reject(new Error(`a stream was closed with ${code}`));
      resolve(finals.map(({ text }) => text).join(' '));
    });
  });
}
