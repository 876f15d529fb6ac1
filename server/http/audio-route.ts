import type { RequestHandler, Response } from 'express';
import { DEFAULT_AUDIO_LIMITS } from '../../asr/audio/limits.ts';
import {
  type DecodedAudio,
  type FileRequest,
  type FileSegment,
  type FileTranscript,
  recogniseFile,
} from '../../asr/files/recognise-file.ts';
import type { LanguageChoice } from '../../asr/streaming/language-choice.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { detectableLanguages } from '../detectable-languages.ts';
import { type AdapterChoice, findAdapter, resolveModel } from '../model-names.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';
import type { Scheduler } from '../sockets/scheduler.ts';
import { errorBody, noteFailure } from './answer-errors.ts';
import { streamedAnswer, wholeAnswer } from './audio-answer.ts';
import type { AudioRequest, ParseAudioRequest } from './audio-request.ts';
import { unsupportedFormat } from './form-refusals.ts';
import { goneSignal } from './gone-signal.ts';
import { namingField } from './name-field.ts';
import { readUpload, type Upload } from './read-upload.ts';

export interface AudioRouteOptions {
  /** of the form's fields */
  readonly parse: ParseAudioRequest;
  /** names the ffmpeg to run */
  readonly env: NodeJS.ProcessEnv;
  readonly schedule: Scheduler;
}

/** Answers a form with a recording in it: `POST /v1/audio/transcriptions`, `/v1/audio/translations`. */
export function answerRecording(service: Service, { parse, env, schedule }: AudioRouteOptions): RequestHandler {
  return async (request, response) => {
    const { client } = response.locals;
    if (client === undefined) throw new FloraAsrError('key_missing', 'It is not known who asks.');
    const recogniser = service.recogniser(); // refuses at the door, before anything is read
    const release = await service.access.admitRequest(client);
    try {
      const { maxUploadBytes, uploadTimeoutSeconds } = service.configuration;
      const upload = await readUpload(request, { maxBytes: maxUploadBytes, timeoutMs: 1000 * uploadTimeoutSeconds });
      const asked = parse(upload.fields);
      const tokenBytes = asked.logProbs ? recogniser.engine.tokenBytes : null;
      const answer = asked.stream
        ? streamedAnswer(response, asked, { tokenBytes, schedule })
        : wholeAnswer(response, asked, tokenBytes);
      const onDecoded = (audio: DecodedAudio) => {
        requireSpeakers(asked, audio);
        answer.begin();
      };
      const onSegment = (segment: FileSegment) => {
        tellMetrics(service, segment);
        answer.take(segment);
      };
      const signal = goneSignal(response);
      answer.finish(await recognise(upload, asked, { service, recogniser, env, signal, onDecoded, onSegment }));
    } catch (error) {
      if (!response.headersSent) throw error;
      tellFailure(error, response, service);
    } finally {
      release();
    }
  };
}

interface Recognising extends Required<Pick<FileRequest, 'onDecoded' | 'onSegment'>> {
  readonly service: Service;
  readonly recogniser: Recogniser;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

async function recognise(
  { file }: Upload,
  asked: AudioRequest,
  { service, recogniser, env, ...hooks }: Recognising,
): Promise<FileTranscript> {
  const { modelAliases, maxUploadBytes, maxFileSeconds } = service.configuration;
  const { engine, voice, rows, beamSizes } = recogniser;
  const { task, prompt, hotWords, temperature, channels, endpointing, format, times } = asked;
  const named = resolveModel(asked, { base: engine.base.name, aliases: modelAliases, adapters: engine.adapters });
  // adapters learn to transcribe: they translate only where one is named
  const adapter = task === 'translate' ? (named ?? null) : named;
  const withWords = format === 'srt' || format === 'vtt' || (format === 'verbose_json' && times.words);
  const request: FileRequest = {
    source: { bytes: file },
    channels,
    endpointing,
    limits: { ...DEFAULT_AUDIO_LIMITS, maxBytes: maxUploadBytes, maxDurationMs: 1000 * maxFileSeconds },
    task,
    temperature,
    words: withWords,
    language: asked.language ?? languageFound(named, service, recogniser),
    ...(adapter !== undefined && { adapter }),
    ...(prompt !== '' && { prompt }),
    ...(hotWords.length > 0 && { hotWords }),
    ...hooks,
  };
  try {
    return await recogniseFile(request, { engine, voice, rows, beamSizes, env });
  } catch (error) {
    throw namingField(error, asked);
  }
}

/** Where none is said: that of the adapter that was named, or it is found among those that the service has. */
function languageFound(adapter: AdapterChoice, { configuration }: Service, { engine }: Recogniser): LanguageChoice {
  const named = typeof adapter === 'string' ? findAdapter(adapter, engine.adapters) : null;
  const { detectLanguages, languageDefaults } = configuration;
  const scope = { detectLanguages, languageDefaults, adapters: engine.adapters };
  return named?.manifest.language ?? { among: detectableLanguages(scope) };
}

/** @throws FloraAsrError `unsupported_response_format` */
function requireSpeakers({ format }: AudioRequest, { channels, distinctChannels }: DecodedAudio): void {
  if (format !== 'diarized_json' || distinctChannels > 1) return;
  const has = channels === 1 ? 'has one channel' : `has the same in all of its ${channels} channels`;
  throw unsupportedFormat(`diarized_json needs a recording with a channel for each speaker, and this one ${has}.`);
}

function tellMetrics({ metrics }: Service, { language, startMs, endMs, result }: FileSegment): void {
  const { totalMs } = result.timings;
  metrics.recognised({ protocol: 'rest', language, audioMs: endMs - startMs, result, endToFinalMs: totalMs });
}

/** In the midst of a stream: its status has been sent, and said that all was well. */
function tellFailure(error: unknown, response: Response, service: Service): void {
  const body = errorBody(noteFailure(error, response, service));
  if (response.closed) return; // nobody is there to read it
  response.write(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
  response.end();
}
