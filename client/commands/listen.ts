import { once } from 'node:events';
import type { Endpointing } from '../../asr/streaming/endpointing.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { interruption, runCommand } from '../../server/commands/run-command.ts';
import { bytesPerFrameOf } from '../sdk/audio-bytes.ts';
import { FloraAsrClientError } from '../sdk/client-error.ts';
import type { ClientStream } from '../sdk/client-stream.ts';
import { openStream } from '../sdk/open-stream.ts';
import { passTime } from '../sdk/pass-time.ts';
import { type Captions, jsonCaptions, plainCaptions, terminalCaptions } from './captions.ts';
import { LISTEN_HELP, type ListenArguments, type ListenService, parseListenArguments } from './listen-arguments.ts';
import { type HeardAudio, openListenAudio } from './listen-audio.ts';
import { startLocalService } from './local-service.ts';

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseListenArguments(args, process.env);
  if (parsed === null) {
    process.stdout.write(LISTEN_HELP);
    return 0;
  }
  const interrupted = interruption();
  const { service } = parsed;
  if (service.kind === 'server') return listen(parsed, service, interrupted);
  const local = await startLocalService({ env: process.env, settings: serviceSettings(service), signal: interrupted });
  try {
    return await listen(parsed, { url: local.url, apiKey: undefined }, interrupted);
  } finally {
    await local.stop();
  }
}

function serviceSettings({
  model,
  adapterFolders,
}: Extract<ListenService, { kind: 'local' }>): Readonly<Record<string, string>> {
  return { ADAPTERS: adapterFolders.join(','), ...(model !== undefined && { MODEL: model }) };
}

interface ServiceAddress {
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** @returns the process's exit code */
async function listen(parsed: ListenArguments, { url, apiKey }: ServiceAddress, interrupted: AbortSignal): Promise<number> {
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  try {
    const audio = await openListenAudio(parsed.input, { env: process.env, stdin: process.stdin, signal });
    const stream = await openStream({ url, apiKey, ...audio.settings, ...settingsOf(parsed), signal: over.signal });
    const shown = showAll(stream, captionsFor(parsed, audio.settings.channels));
    shown.catch(() => undefined); // what ended the stream is thrown below
    await sendAll(stream, audio, { pace: parsed.pace, signal, shown });
    const { reason } = await stream.finish();
    const lost = await shown;
    if (reason === 'drain') throw new FloraAsrError('draining', 'The service has shut down; what it had heard is above.');
    return lost ? 1 : 0;
  } finally {
    over.abort();
  }
}

function settingsOf({ language, languages, adapter, endpointing, prompt, keywords, ...flags }: ListenArguments) {
  return {
    language,
    endpointing: endpointingField(endpointing),
    partials: flags.json || process.stdout.isTTY,
    words: flags.json,
    task: flags.translate ? 'translate' : 'transcribe',
    ...(languages !== undefined && { languages: [...languages] }),
    ...(adapter !== undefined && { adapter }),
    ...(prompt !== undefined && { prompt }),
    ...(keywords.length > 0 && { keywords: [...keywords] }),
  } as const;
}

function captionsFor({ json }: ListenArguments, channels: number): Captions {
  const { stdout, stderr } = process;
  if (json) return jsonCaptions(stdout);
  return stdout.isTTY ? terminalCaptions(stdout, channels) : plainCaptions(stdout, stderr, channels);
}

/** @returns whether anything was lost */
async function showAll(stream: ClientStream, captions: Captions): Promise<boolean> {
  let lost = false;
  try {
    for await (const event of stream) {
      lost ||= event.type === 'error';
      captions.show(event);
    }
  } finally {
    captions.end();
  }
  return lost;
}

interface Sending {
  readonly pace: boolean;
  readonly signal: AbortSignal;
  /** settles when the stream has ended */
  readonly shown: Promise<unknown>;
}

/** Until the audio ends, or the stream, or the signal says so. */
async function sendAll(
  stream: ClientStream,
  { settings, chunks }: HeardAudio,
  { pace, signal, shown }: Sending,
): Promise<void> {
  const bytesPerMs = (bytesPerFrameOf(settings) * settings.sample_rate) / 1000;
  const begunMs = performance.now();
  let sentMs = 0;
  const stopped = Promise.race([once(signal, 'abort'), shown])
    .then(() => null)
    .catch(() => null);
  const source = chunks[Symbol.asyncIterator]();
  while (!signal.aborted) {
    const step = await Promise.race([source.next(), stopped]);
    if (step === null || step.done) return;
    sentMs += step.value.length / bytesPerMs;
    // a piece can be sent when its last sample has been said
    if (pace) await passTime(Math.max(0, begunMs + sentMs - performance.now()), signal);
    await stream.send(step.value);
  }
}

/** As the protocol has it. */
function endpointingField(endpointing: Endpointing) {
  if (endpointing === 'off') return false;
  const { silenceMs, prefixMs, threshold } = endpointing;
  return { silence_ms: silenceMs, prefix_ms: prefixMs, threshold };
}

await runCommand(main, FloraAsrClientError);
