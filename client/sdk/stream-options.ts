import type { ClientMessageInput } from '../../server/protocol/stream-messages.ts';
import type { ReconnectSettings } from './reconnecting.ts';

type StartMessage = Extract<ClientMessageInput, { readonly type: 'start' }>;

/** What `start` says, as the protocol has it: see `/docs/stream/`. Samples are 16-bit at 16 kHz unless it says otherwise. */
export type StartSettings = Omit<StartMessage, 'type' | 'resumable' | 'encoding' | 'sample_rate'> &
  Partial<Pick<StartMessage, 'encoding' | 'sample_rate'>>;

export interface ConnectionSettings {
  /** of the service: `https://asr.example.org`, `http://127.0.0.1:8080` */
  readonly url: string | URL;
  readonly apiKey?: string | undefined;
  /** `false`: a lost connection ends the stream. Left out, it is resumed, by the service's leave. */
  readonly reconnect?: false | Partial<ReconnectSettings>;
  /** `send` waits while more than this has not got to the service; 4 MiB if left out. Four times as much is refused. */
  readonly bufferBytes?: number;
  /** Ends the stream at once, wherever it is. */
  readonly signal?: AbortSignal | undefined;
}

export type StreamOptions = StartSettings & ConnectionSettings;

export const DEFAULT_BUFFER_BYTES = 4 * 2 ** 20;
export const DEFAULT_SAMPLE_RATE_HZ = 16_000;

/** What goes to the service, and what stays here. */
export function startMessageOf(options: StreamOptions): StartMessage {
  const { url: _url, apiKey: _key, bufferBytes: _bytes, signal: _signal, reconnect, ...settings } = options;
  const defaults = { encoding: 'pcm_s16le', sample_rate: DEFAULT_SAMPLE_RATE_HZ } as const;
  return { ...defaults, ...settings, type: 'start', resumable: reconnect !== false };
}
