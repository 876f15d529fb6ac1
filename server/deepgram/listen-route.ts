import { randomUUID } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import { DEFAULT_AUDIO_LIMITS } from '../../asr/audio/limits.ts';
import { type FileRequest, type FileSegment, recogniseFile } from '../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { addRoute } from '../http/add-route.ts';
import { answerErrors } from '../http/answer-errors.ts';
import { authenticate } from '../http/authenticate.ts';
import { goneSignal } from '../http/gone-signal.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';
import { type Scheduler, systemScheduler } from '../sockets/scheduler.ts';
import { chooseSpeech } from './choose-speech.ts';
import { deepgramRefusal } from './deepgram-error.ts';
import { LISTEN_PATH, queryOf } from './deepgram-protocol.ts';
import { fileAnswer } from './file-answer.ts';
import { type FileQuery, parseFileQuery } from './listen-query.ts';
import { asWave } from './raw-wave.ts';
import { readBody } from './read-body.ts';

export interface ListenRouteOptions {
  /** names the ffmpeg to run */
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => Date;
  readonly schedule?: Scheduler;
  /** how long a client that was refused may go on sending, until its connection is closed */
  readonly lingerMs?: number;
}

const LINGER_MS = 2_000;

/** `POST /v1/listen`, whose errors are told in Deepgram's form. */
export function listenRouter(service: Service, options: ListenRouteOptions = {}): Router {
  const { env = process.env, now = () => new Date(), schedule = systemScheduler, lingerMs = LINGER_MS } = options;
  const router = Router();
  const handlers = [nameAsDeepgram, authenticate(service.access), answerFile(service, { env, now, schedule })];
  addRoute(router, LISTEN_PATH, 'POST', ...handlers);
  router.use(LISTEN_PATH, answerErrors(service, lingerMs, { protocol: 'deepgram', answer: deepgramRefusal }));
  return router;
}

const nameAsDeepgram: RequestHandler = (_request, response, next) => {
  response.set('dg-request-id', response.locals.requestId);
  next();
};

type Parts = Required<Omit<ListenRouteOptions, 'lingerMs'>>;

function answerFile(service: Service, { env, now, schedule }: Parts): RequestHandler {
  return async (request, response) => {
    const { client, requestId } = response.locals;
    if (client === undefined) throw new FloraAsrError('key_missing', 'It is not known who asks.');
    const recogniser = service.recogniser(); // refuses at the door, before anything is read
    const query = parseFileQuery(queryOf({ url: request.originalUrl }));
    const { maxUploadBytes, uploadTimeoutSeconds } = service.configuration;
    const language = chooseSpeech(query, { configuration: service.configuration, engine: recogniser.engine });
    const release = await service.access.admitRequest(client);
    try {
      const created = now();
      const body = await readBody(request, { maxBytes: maxUploadBytes, timeoutMs: 1000 * uploadTimeoutSeconds, schedule });
      let channels = 1;
      const asked: FileRequest = {
        ...fileRequest(body, query, service),
        ...language,
        signal: goneSignal(response),
        onDecoded: (audio) => {
          channels = audio.channels;
        },
        onSegment: (segment) => tellMetrics(service, segment),
      };
      const transcript = await recogniseFile(asked, { ...partsOf(recogniser), env });
      const { base } = recogniser.engine;
      const answer = fileAnswer({ requestId, created, body, channels, transcript, base, query, newId: randomUUID });
      response.set('cache-control', 'no-store').json(answer);
    } finally {
      release();
    }
  };
}

function fileRequest(body: Buffer, { raw, multichannel, hotWords }: FileQuery, { configuration }: Service) {
  const { maxUploadBytes, maxFileSeconds } = configuration;
  const bytes = raw === null ? body : asWave(body, raw);
  return {
    source: { bytes },
    channels: multichannel ? 'apart' : 'mix',
    endpointing: DEFAULT_ENDPOINTING,
    limits: { ...DEFAULT_AUDIO_LIMITS, maxBytes: maxUploadBytes + WAVE_HEADER_BYTES, maxDurationMs: 1000 * maxFileSeconds },
    words: true,
    hotWords,
  } as const;
}

/** What `asWave` may add. */
const WAVE_HEADER_BYTES = 44;

function partsOf({ engine, voice, rows, beamSizes }: Recogniser) {
  return { engine, voice, rows, beamSizes };
}

function tellMetrics({ metrics }: Service, { language, startMs, endMs, result }: FileSegment): void {
  const { totalMs } = result.timings;
  metrics.recognised({ protocol: 'deepgram', language, audioMs: endMs - startMs, result, endToFinalMs: totalMs });
}
