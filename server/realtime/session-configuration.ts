import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import {
  type AudioType,
  type Delay,
  type Eagerness,
  type GivenTranscription,
  type GivenTurnDetection,
  type LegacyUpdate,
  LOG_PROBS,
  PCM_RATE_HZ,
  type SessionUpdate,
} from './client-events.ts';
import { AUDIO_TYPE_OF, LEGACY_FORMAT_OF } from './legacy-formats.ts';
import type { LegacySession, TranscriptionSession } from './server-events.ts';

/** What is in force in a session, all of it. */
export interface SessionConfiguration {
  readonly audioType: AudioType;
  readonly transcription: Transcription;
  /** null: turns end by commits alone */
  readonly turnDetection: TurnDetection | null;
  /** whether transcripts come with the log-probabilities of their tokens */
  readonly logProbs: boolean;
}

/** What is recognised, and how; what is left out, nobody has asked for. */
export interface Transcription {
  readonly model?: string;
  readonly language?: string;
  /** among which the language is found */
  readonly languages?: readonly string[];
  readonly prompt?: string;
  readonly keywords?: readonly string[];
  readonly delay: Delay;
}

export type TurnDetection =
  | {
      readonly type: 'server_vad';
      readonly threshold: number;
      readonly prefixPaddingMs: number;
      readonly silenceDurationMs: number;
    }
  | { readonly type: 'semantic_vad'; readonly eagerness: Eagerness };

const { threshold, prefixMs, silenceMs } = DEFAULT_ENDPOINTING;
const SERVER_VAD = { type: 'server_vad', threshold, prefixPaddingMs: prefixMs, silenceDurationMs: silenceMs } as const;

const DEFAULT_DELAY: Delay = 'low';

/** Before anything was asked for. @param model that the address names, if it does */
export function initialConfiguration(model: string | null): SessionConfiguration {
  return {
    audioType: 'audio/pcm',
    transcription: { delay: DEFAULT_DELAY, ...(model !== null && { model }) },
    turnDetection: SERVER_VAD,
    logProbs: false,
  };
}

/**
 * Changes what an update names, and nothing else: format and turn detection as wholes, transcription field by field;
 * null, an empty text and an empty list take a field back.
 */
export function updateConfiguration(current: SessionConfiguration, { audio, include }: SessionUpdate): SessionConfiguration {
  const { format, transcription, turn_detection: turnDetection } = audio?.input ?? {};
  return {
    audioType: format?.type ?? current.audioType,
    transcription: updateTranscription(current.transcription, transcription ?? {}),
    turnDetection: turnDetection === undefined ? current.turnDetection : turnDetectionOf(turnDetection),
    logProbs: include === undefined ? current.logProbs : (include ?? []).includes(LOG_PROBS),
  };
}

/** The same, as it was said in the older form. */
export function modernUpdate(legacy: LegacyUpdate): SessionUpdate {
  const { include, input_audio_format: format, input_audio_transcription: transcription, turn_detection } = legacy;
  return {
    type: 'transcription',
    ...(include !== undefined && { include }),
    audio: {
      input: {
        ...(format !== undefined && { format: { type: AUDIO_TYPE_OF[format] } }),
        ...(transcription !== undefined && { transcription }),
        ...(turn_detection !== undefined && { turn_detection }),
      },
    },
  };
}

/** As clients see it. */
export function describeSession(id: string, configuration: SessionConfiguration): TranscriptionSession {
  const { audioType } = configuration;
  return {
    id,
    object: 'realtime.transcription_session',
    type: 'transcription',
    audio: {
      input: {
        format: audioType === 'audio/pcm' ? { type: audioType, rate: PCM_RATE_HZ } : { type: audioType },
        noise_reduction: null,
        ...shared(configuration),
      },
    },
    include: includeOf(configuration),
  };
}

export function describeLegacySession(id: string, configuration: SessionConfiguration): LegacySession {
  const { transcription, turn_detection } = shared(configuration);
  return {
    id,
    object: 'realtime.transcription_session',
    input_audio_format: LEGACY_FORMAT_OF[configuration.audioType],
    input_audio_noise_reduction: null,
    input_audio_transcription: transcription,
    turn_detection,
    include: includeOf(configuration),
  };
}

/** A language takes the place of several, and the other way round. */
function updateTranscription(current: Transcription, given: GivenTranscription): Transcription {
  const { delay } = given;
  const model = updated(current.model, given.model);
  const language = hasValue(given.languages) ? undefined : updated(current.language, given.language);
  const languages = hasValue(given.language) ? undefined : updated(current.languages, given.languages);
  const prompt = updated(current.prompt, given.prompt);
  const keywords = updated(current.keywords, given.keywords);
  return {
    ...(model !== undefined && { model }),
    ...(language !== undefined && { language }),
    ...(languages !== undefined && { languages }),
    ...(prompt !== undefined && { prompt }),
    ...(keywords !== undefined && { keywords }),
    delay: delay === null ? DEFAULT_DELAY : (delay ?? current.delay),
  };
}

type Field = string | readonly string[];

function updated<Value extends Field>(current: Value | undefined, given: Value | null | undefined): Value | undefined {
  if (given === undefined) return current;
  return hasValue(given) ? given : undefined;
}

function hasValue<Value extends Field>(given: Value | null | undefined): given is Value {
  return given !== undefined && given !== null && given.length > 0;
}

function turnDetectionOf(given: GivenTurnDetection | null): TurnDetection | null {
  if (given === null) return null;
  if (given.type === 'semantic_vad') return { type: 'semantic_vad', eagerness: given.eagerness ?? 'auto' };
  return {
    type: 'server_vad',
    threshold: given.threshold ?? SERVER_VAD.threshold,
    prefixPaddingMs: given.prefix_padding_ms ?? SERVER_VAD.prefixPaddingMs,
    silenceDurationMs: given.silence_duration_ms ?? SERVER_VAD.silenceDurationMs,
  };
}

function shared({ transcription, turnDetection }: SessionConfiguration) {
  const { languages, keywords, ...others } = transcription;
  return {
    transcription: {
      ...others,
      ...(languages !== undefined && { languages: [...languages] }),
      ...(keywords !== undefined && { keywords: [...keywords] }),
    },
    turn_detection: describeTurnDetection(turnDetection),
  };
}

function describeTurnDetection(turnDetection: TurnDetection | null) {
  if (turnDetection === null || turnDetection.type === 'semantic_vad') return turnDetection;
  const { type, threshold: probability, prefixPaddingMs, silenceDurationMs } = turnDetection;
  return {
    type,
    threshold: probability,
    prefix_padding_ms: prefixPaddingMs,
    silence_duration_ms: silenceDurationMs,
  };
}

function includeOf({ logProbs }: SessionConfiguration): (typeof LOG_PROBS)[] {
  return logProbs ? [LOG_PROBS] : [];
}
