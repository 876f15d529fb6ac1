import { once } from 'node:events';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { resample } from '../../../asr/audio/resample.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';
import { SOUNDS_WITHOUT_SPEECH, type SoundWithoutSpeech, soundWithoutSpeech } from '../../support/sounds-without-speech.ts';
import { wavOf } from '../../support/wav.ts';

const LANGUAGES = ['bg', 'ca', 'el', 'ro', 'ru', 'es'] as const;
const SECONDS = 60;
const SEED = 1;

interface Sound {
  readonly kind: SoundWithoutSpeech;
  /** 16 kHz */
  readonly samples: Float32Array;
  readonly language: string;
}

describe.each(SOUNDS_WITHOUT_SPEECH)('a minute of %s', (kind) => {
  let service: RunningService;
  const samples = soundWithoutSpeech(kind, SECONDS, SEED);

  beforeAll(async () => {
    const nothing = () => undefined;
    const configuration = loadConfiguration({ env: { PORT: '0' } });
    const log = pino({ level: 'silent' });
    service = await startService({ configuration, log, env: process.env, onWeights: nothing, onEngine: nothing });
    await service.ready;
  });
  afterAll(async () => service.stop());

  it.each([
    ['the native protocol', nativeText],
    ['Deepgram, streamed', deepgramText],
    ['OpenAI Realtime', realtimeText],
    ['OpenAI REST', restText],
    ['Deepgram, a file', deepgramFileText],
  ])('has no words by %s, in any language', async (_, textOf) => {
    const texts = await Promise.all(LANGUAGES.map((language) => textOf(service.url, { kind, samples, language })));
    expect(texts).toEqual(LANGUAGES.map(() => ''));
  });
});

async function nativeText(url: string, { samples, language }: Sound): Promise<string> {
  const start = { type: 'start', language, encoding: 'pcm_s16le', sample_rate: 16_000, partials: true };
  const socket = await opened(`${url}/v1/stream`);
  const messages = heard(socket);
  socket.send(JSON.stringify(start));
  sendPcm(socket, samples);
  socket.send(JSON.stringify({ type: 'finish' }));
  await once(socket, 'close');
  expect(messages.at(-1)).toMatchObject({ type: 'closed', reason: 'finish', audio: SECONDS });
  return joined(messages.map(({ text }) => text));
}

async function deepgramText(url: string, { samples, language }: Sound): Promise<string> {
  const query = `model=nova-3&language=${language}&encoding=linear16&sample_rate=16000&interim_results=true`;
  const socket = await opened(`${url}/v1/listen?${query}`);
  const messages = heard(socket);
  sendPcm(socket, samples);
  socket.send(JSON.stringify({ type: 'CloseStream' }));
  await once(socket, 'close');
  expect(messages.at(-1)).toMatchObject({ type: 'Metadata', duration: SECONDS });
  const transcripts = messages.map(({ channel }) => (channel as Channel | undefined)?.alternatives?.[0]?.transcript);
  return joined(transcripts);
}

async function realtimeText(url: string, { samples, language }: Sound): Promise<string> {
  const socket = await opened(`${url}/v1/realtime?intent=transcription`);
  const messages = heard(socket);
  const input = {
    format: { type: 'audio/pcm', rate: 24_000 },
    transcription: { model: 'whisper-1', language },
    turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 },
  };
  socket.send(JSON.stringify({ type: 'session.update', session: { type: 'transcription', audio: { input } } }));
  const audio = Buffer.from(toInt16(resample(samples, 16_000, 24_000)).buffer);
  const second = 2 * 24_000;
  for (let at = 0; at < audio.length; at += second) {
    const piece = audio.subarray(at, at + second).toString('base64');
    socket.send(JSON.stringify({ type: 'input_audio_buffer.append', audio: piece }));
  }
  // an answer to what comes last says that all before it was read; speech that was heard has to have its words, too
  socket.send(JSON.stringify({ type: 'input_audio_buffer.commit' }));
  await until(() => open(messages) === 0 && messages.some(({ type }) => ANSWERS.has(`${type}`)), socket);
  socket.close();
  return joined(messages.flatMap(({ transcript, delta }) => [transcript, delta]));
}

async function restText(url: string, { samples, language }: Sound): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(wavOf(samples))]), 'sound.wav');
  form.set('model', 'whisper-1');
  form.set('language', language);
  const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { text: string }).text;
}

async function deepgramFileText(url: string, { samples, language }: Sound): Promise<string> {
  const answer = await fetch(`${url}/v1/listen?model=nova-3&language=${language}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(wavOf(samples)),
  });
  expect(answer.status).toBe(200);
  const { results } = (await answer.json()) as { results: { channels: readonly Channel[] } };
  return joined(results.channels.map(({ alternatives }) => alternatives?.[0]?.transcript));
}

interface Channel {
  readonly alternatives?: readonly { readonly transcript: string }[];
}

interface Message {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly channel?: unknown;
  readonly transcript?: unknown;
  readonly delta?: unknown;
}

/** To a commit: of what was still in the buffer, or that nothing was. */
const ANSWERS: ReadonlySet<string> = new Set(['input_audio_buffer.committed', 'error']);

/** Turns that were committed, and have neither words nor an error. */
function open(messages: readonly Message[]): number {
  const count = (type: string) => messages.filter((message) => message.type === type).length;
  const ended =
    count('conversation.item.input_audio_transcription.completed') +
    count('conversation.item.input_audio_transcription.failed');
  return count('input_audio_buffer.committed') - ended;
}

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { authorization: 'Bearer any' } });
  await once(socket, 'open');
  return socket;
}

function heard(socket: WebSocket): Message[] {
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  return messages;
}

/** Asks after each message. */
async function until(condition: () => boolean, socket: WebSocket): Promise<void> {
  while (!condition()) await once(socket, 'message');
}

function sendPcm(socket: WebSocket, samples: Float32Array): void {
  const integers = toInt16(samples);
  for (let at = 0; at < integers.length; at += 16_000) socket.send(integers.subarray(at, at + 16_000));
}

function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => Math.round(32_767 * Math.max(-1, Math.min(1, sample))));
}

function joined(texts: readonly unknown[]): string {
  return texts
    .filter((text) => typeof text === 'string')
    .join(' ')
    .trim();
}
