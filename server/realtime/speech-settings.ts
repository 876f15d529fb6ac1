import type { Endpointing } from '../../asr/streaming/endpointing.ts';
import { DEFAULT_PARTIALS, type PartialSettings } from '../../asr/streaming/partial-settings.ts';
import type { SpeechLanguage } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { detectableLanguages } from '../detectable-languages.ts';
import { resolveModel } from '../model-names.ts';
import type { ServedEngine } from '../recogniser.ts';
import type { AudioFormat } from '../sockets/audio-intake.ts';
import { type AudioType, type Delay, type Eagerness, PCM_RATE_HZ } from './client-events.ts';
import type { SessionConfiguration, TurnDetection } from './session-configuration.ts';

/** What a configuration means to recognition. */
export interface SpeechSettings {
  readonly format: AudioFormat;
  readonly endpointing: Endpointing;
  readonly partials: PartialSettings;
  readonly language: SpeechLanguage;
  readonly bias: SpeechBias;
}

export interface SpeechBias {
  readonly prompt?: string;
  readonly hotWords?: readonly string[];
}

/** What there is, to be asked for. */
export interface ServedSpeech {
  readonly engine: Pick<ServedEngine, 'base' | 'adapters' | 'describeRoute'>;
  readonly configuration: Pick<ServerConfiguration, 'modelAliases' | 'detectLanguages' | 'languageDefaults'>;
}

const FORMATS: Readonly<Record<AudioType, AudioFormat>> = {
  'audio/pcm': { encoding: 'pcm_s16le', channels: 1, sampleRateHz: PCM_RATE_HZ },
  'audio/pcmu': { encoding: 'mulaw', channels: 1, sampleRateHz: 8_000 },
  'audio/pcma': { encoding: 'alaw', channels: 1, sampleRateHz: 8_000 },
};

/** Audio between two looks at what an open turn says so far. */
const CADENCE_MS: Readonly<Record<Delay, number>> = { minimal: 200, low: 400, medium: 800, high: 1_600, xhigh: 3_200 };

/** Silence that ends a turn; where OpenAI asks a model whether somebody has finished, we wait. */
const PATIENCE_MS: Readonly<Record<Eagerness, number>> = { low: 1_500, medium: 800, auto: 800, high: 500 };
const SEMANTIC_VAD = { threshold: 0.5, prefixMs: 300 };

/** What OpenAI's clients ask for; here each is the served base, routed by language. None that tells speakers apart. */
const OPENAI_MODELS = ['gpt-4o-mini-transcribe-*', 'gpt-transcribe', 'gpt-live-transcribe', 'gpt-realtime-whisper'];

const PARAM = 'session.audio.input.transcription.';

/**
 * Refuses what there is not, before any audio is taken for it.
 * @throws FloraAsrError `model_not_found`, `language_unknown`, or as routing has it
 */
export function speechSettings(wanted: SessionConfiguration, served: ServedSpeech): SpeechSettings {
  const { audioType, transcription, turnDetection } = wanted;
  const { prompt, keywords, delay } = transcription;
  return {
    format: FORMATS[audioType],
    endpointing: endpointingOf(turnDetection),
    partials: { ...DEFAULT_PARTIALS, cadenceMs: CADENCE_MS[delay] },
    language: languageOf(wanted, served),
    bias: { ...(prompt !== undefined && { prompt }), ...(keywords !== undefined && { hotWords: keywords }) },
  };
}

function endpointingOf(turnDetection: TurnDetection | null): Endpointing {
  if (turnDetection === null) return 'off';
  if (turnDetection.type === 'semantic_vad') return { ...SEMANTIC_VAD, silenceMs: PATIENCE_MS[turnDetection.eagerness] };
  const { threshold, prefixPaddingMs: prefixMs, silenceDurationMs: silenceMs } = turnDetection;
  return { threshold, prefixMs, silenceMs };
}

function languageOf({ transcription }: SessionConfiguration, { engine, configuration }: ServedSpeech): SpeechLanguage {
  const { model, language, languages } = transcription;
  const { modelAliases, detectLanguages, languageDefaults } = configuration;
  const aliases = [...new Set([...modelAliases, ...OPENAI_MODELS])];
  const served = { base: engine.base.name, aliases, adapters: engine.adapters };
  const adapter = named('model', () => resolveModel({ model }, served));
  const choice = adapter === undefined ? {} : { adapter };
  for (const tag of language === undefined ? (languages ?? []) : [language]) {
    named(language === undefined ? 'languages' : 'language', () => engine.describeRoute({ language: tag, ...choice }));
  }
  if (language !== undefined) return { language, ...choice };
  const among = languages ?? detectableLanguages({ detectLanguages, languageDefaults, adapters: engine.adapters });
  return { language: { among }, ...choice };
}

/** Errors about a field name it as the client wrote it. */
function named<Value>(field: string, look: () => Value): Value {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof FloraAsrError)) throw error;
    throw new FloraAsrError(error.code, error.message, { cause: error, param: PARAM + field });
  }
}
