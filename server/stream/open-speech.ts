import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { SpeechStream } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { resolveModel } from '../model-names.ts';
import type { ServerMessage, StartMessage } from '../protocol/stream-messages.ts';
import type { Recogniser, ServedEngine } from '../recogniser.ts';
import { AudioIntake } from '../sockets/audio-intake.ts';

type ReadyMessage = Extract<ServerMessage, { readonly type: 'ready' }>;

export interface OpenSpeechOptions {
  readonly configuration: ServerConfiguration;
  readonly recogniser: Recogniser;
  readonly streamId: string;
  readonly onEvent: (event: SpeechEvent) => void;
  /** less waits to be recognised */
  readonly onProgress: () => void;
}

export interface OpenedSpeech {
  readonly start: StartMessage;
  readonly intake: AudioIntake;
  readonly ready: ReadyMessage;
}

/**
 * Opens what a stream asks for; what there is not is refused here, before any audio.
 * @throws FloraAsrError `model_not_found`, `adapter_not_found`, `language_unknown`, `request_invalid`
 */
export function openSpeech(start: StartMessage, options: OpenSpeechOptions): OpenedSpeech {
  const { configuration, recogniser, streamId, onEvent, onProgress } = options;
  const { modelAliases, streamBufferSeconds, maxStreamSeconds } = configuration;
  const { engine } = recogniser;
  const { language, encoding, sample_rate, channels } = start;
  const chosen = resolveModel(start, { base: engine.base.name, aliases: modelAliases, adapters: engine.adapters });
  const route = { language, ...(chosen !== undefined && { adapter: chosen }) };
  const adapter = describeRoute(engine, route);
  const endpointing = endpointingOf(start);
  const speech = new SpeechStream({
    ...route,
    recognition: recogniser,
    sampleRateHz: sample_rate,
    channels,
    endpointing,
    urgency: 'live',
    onEvent,
    onProgress,
  });
  const intake = new AudioIntake(
    speech,
    { encoding, channels, sampleRateHz: sample_rate },
    {
      bufferMs: 1000 * streamBufferSeconds,
      longestMs: 1000 * maxStreamSeconds,
    },
  );
  const ready: ReadyMessage = {
    type: 'ready',
    stream_id: streamId,
    model: engine.base.name,
    language,
    encoding,
    sample_rate,
    channels,
    adapter,
    endpointing: endpointingOnWire(endpointing),
  };
  return { start, intake, ready };
}

/** An unknown language is a field that is wrong, which the engine cannot know. */
function describeRoute(engine: ServedEngine, route: Parameters<ServedEngine['describeRoute']>[0]): ReadyMessage['adapter'] {
  try {
    return engine.describeRoute(route);
  } catch (error) {
    if (!(error instanceof FloraAsrError) || error.code !== 'language_unknown') throw error;
    throw new FloraAsrError('language_unknown', error.message, { cause: error, param: 'language' });
  }
}

function endpointingOf({ endpointing }: StartMessage): Endpointing {
  if (endpointing === undefined) return DEFAULT_ENDPOINTING;
  if (endpointing === false) return 'off';
  const { silence_ms: silenceMs, prefix_ms: prefixMs, threshold } = endpointing;
  return { silenceMs, prefixMs, threshold };
}

function endpointingOnWire(endpointing: Endpointing): ReadyMessage['endpointing'] {
  if (endpointing === 'off') return false;
  const { silenceMs, prefixMs, threshold } = endpointing;
  return { silence_ms: silenceMs, prefix_ms: prefixMs, threshold };
}
