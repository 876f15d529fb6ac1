import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import { DEFAULT_PARTIALS, type PartialSettings } from '../../asr/streaming/partial-settings.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { SpeechStream } from '../../asr/streaming/speech-stream.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import type { ServerMessage, StartMessage } from '../protocol/stream-messages.ts';
import type { Recogniser } from '../recogniser.ts';
import { AudioIntake } from '../sockets/audio-intake.ts';
import { type ChosenLanguage, chooseLanguage } from './choose-language.ts';

type ReadyMessage = Extract<ServerMessage, { readonly type: 'ready' }>;

export interface OpenSpeechOptions {
  readonly configuration: ServerConfiguration;
  readonly recogniser: Recogniser;
  readonly onEvent: (event: SpeechEvent) => void;
  /** less waits to be recognised */
  readonly onProgress: () => void;
}

export interface OpenedSpeech {
  readonly intake: AudioIntake;
  readonly language: ChosenLanguage;
  /** the settings in force, without what names the stream */
  readonly settings: Omit<ReadyMessage, 'type' | 'stream_id' | 'session' | 'resume_window'>;
}

/**
 * Opens what a stream asks for.
 * @throws FloraAsrError as `chooseLanguage`
 */
export function openSpeech(start: StartMessage, options: OpenSpeechOptions): OpenedSpeech {
  const { configuration, recogniser, onEvent, onProgress } = options;
  const { encoding, sample_rate: sampleRateHz, channels, task, words, prompt, keywords } = start;
  const { engine } = recogniser;
  const language = chooseLanguage(start, { configuration, engine });
  const endpointing = endpointingOf(start);
  const partials = partialsOf(start);
  const speech = new SpeechStream({
    ...language.spoken,
    recognition: recogniser,
    sampleRateHz,
    channels,
    endpointing,
    partials,
    task,
    words,
    ...(prompt !== undefined && { prompt }),
    ...(keywords !== undefined && { hotWords: keywords }),
    urgency: 'live',
    onEvent,
    onProgress,
  });
  const limits = { bufferMs: 1000 * configuration.streamBufferSeconds, longestMs: 1000 * configuration.maxStreamSeconds };
  const intake = new AudioIntake(speech, { encoding, channels, sampleRateHz }, limits);
  const settings = {
    model: engine.base.name,
    ...language.inForce,
    encoding,
    sample_rate: sampleRateHz,
    channels,
    task,
    words,
    partials: partials === null ? (false as const) : { cadence_ms: partials.cadenceMs },
    endpointing: endpointingOnWire(endpointing),
  };
  return { intake, language, settings };
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

function partialsOf({ partials }: StartMessage): PartialSettings | null {
  if (partials === false) return null;
  return partials === true ? DEFAULT_PARTIALS : { ...DEFAULT_PARTIALS, cadenceMs: partials.cadence_ms };
}
