import { clientError } from './client-error.ts';
import { Resampler } from './resampler.ts';

export interface MicrophoneOptions {
  /** 16,000 if left out, which is what the service recognises at */
  readonly sampleRateHz?: number;
  /** as `navigator.mediaDevices.enumerateDevices` names it; left out, the browser's choice */
  readonly deviceId?: string;
  /** all on if left out */
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
  readonly autoGainControl?: boolean;
  /** where microphone-worklet.js lies; left out, beside this module */
  readonly workletUrl?: string | URL;
  readonly signal?: AbortSignal | undefined;
}

/** What a microphone hears, in pieces of about 40 ms, until it is closed. One reader. */
export interface Microphone extends AsyncIterable<Float32Array<ArrayBuffer>> {
  readonly sampleRateHz: number;
  /** what the system calls it */
  readonly label: string;
  /** Lets go of the microphone; what was heard before can still be read. */
  close(): void;
}

// What is used of the browser. Its own types would be the whole program's.
interface Track {
  readonly label: string;
  onended: (() => void) | null;
  stop(): void;
}
interface Media {
  getTracks(): readonly Track[];
}
interface Node {
  connect(to: Node): void;
  disconnect(): void;
}
interface WorkletNode extends Node {
  readonly port: { onmessage: ((event: { readonly data: Float32Array<ArrayBuffer> }) => void) | null };
}
interface Context {
  readonly sampleRate: number;
  readonly audioWorklet?: { addModule(url: string): Promise<void> };
  createMediaStreamSource(media: Media): Node;
  resume(): Promise<void>;
  close(): Promise<void>;
}
interface Browser {
  readonly navigator?: { readonly mediaDevices?: { getUserMedia(constraints: object): Promise<Media> } };
  readonly AudioContext?: new () => Context;
  readonly AudioWorkletNode?: new (context: Context, name: string, options: object) => WorkletNode;
}

const PROCESSOR = 'flora-asr-microphone';
const DEFAULT_RATE_HZ = 16_000;

/**
 * Asks for the microphone, and listens:
 *
 *     const microphone = await openMicrophone();
 *     for await (const samples of microphone) await stream.send(samples);
 *
 * Browsers allow it on https and on localhost, and want a click or a key before.
 * @throws FloraAsrClientError `microphone_unavailable`
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<Microphone> {
  const { navigator, AudioContext, AudioWorkletNode } = globalThis as unknown as Browser;
  if (!navigator?.mediaDevices || AudioContext === undefined || AudioWorkletNode === undefined) {
    throw unavailable('Microphones are for browsers, and for pages that came by https or from this machine.');
  }
  const media = await navigator.mediaDevices.getUserMedia({ audio: constraintsOf(options) }).catch((cause: unknown) => {
    throw unavailable(
      `The browser gives no microphone: ${cause instanceof Error ? cause.message : 'it says no reason'}.`,
      cause,
    );
  });
  const context = new AudioContext();
  try {
    const worklet = options.workletUrl ?? new URL('./microphone-worklet.js', import.meta.url);
    await context.audioWorklet?.addModule(`${worklet}`);
    await context.resume();
    const tap = new AudioWorkletNode(context, PROCESSOR, { numberOfInputs: 1, numberOfOutputs: 0 });
    return listen({ media, context, tap }, options);
  } catch (cause) {
    for (const track of media.getTracks()) track.stop();
    await context.close();
    throw unavailable(`The microphone cannot be listened to: ${cause instanceof Error ? cause.message : cause}.`, cause);
  }
}

interface Parts {
  readonly media: Media;
  readonly context: Context;
  readonly tap: WorkletNode;
}

function listen({ media, context, tap }: Parts, { sampleRateHz = DEFAULT_RATE_HZ, signal }: MicrophoneOptions): Microphone {
  const heard: Float32Array<ArrayBuffer>[] = [];
  const resampler = context.sampleRate === sampleRateHz ? null : new Resampler(context.sampleRate, sampleRateHz);
  let wake = () => {};
  let closed = false;
  tap.port.onmessage = ({ data }) => {
    heard.push(resampler === null ? data : resampler.push(data));
    wake();
  };
  const source = context.createMediaStreamSource(media);
  source.connect(tap);
  const close = () => {
    if (closed) return;
    closed = true;
    signal?.removeEventListener('abort', close);
    source.disconnect();
    for (const track of media.getTracks()) track.stop();
    void context.close();
    wake();
  };
  for (const track of media.getTracks()) track.onended = close; // it was unplugged, or its permission taken back
  signal?.addEventListener('abort', close, { once: true });
  if (signal?.aborted) close();
  return {
    sampleRateHz,
    label: media.getTracks()[0]?.label ?? '',
    close,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const samples = heard.shift();
        if (samples !== undefined) yield samples;
        else if (closed) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

function constraintsOf(options: MicrophoneOptions): object {
  const { deviceId, echoCancellation = true, noiseSuppression = true, autoGainControl = true } = options;
  const chosen = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  return { ...chosen, channelCount: 1, echoCancellation, noiseSuppression, autoGainControl };
}

function unavailable(message: string, cause?: unknown): Error {
  return clientError('microphone_unavailable', message, { cause });
}
