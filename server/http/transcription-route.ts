import type { RequestHandler, Response } from 'express';
import { DEFAULT_AUDIO_LIMITS } from '../../asr/audio/limits.ts';
import { type FileTranscript, recogniseFile, transcriptText } from '../../asr/files/recognise-file.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { resolveModel } from '../model-names.ts';
import type { TranscriptionRequest } from '../protocol/rest-messages.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';
import { readUpload, type Upload } from './read-upload.ts';
import { transcriptionBody, verboseTranscriptionBody } from './transcription-answer.ts';
import { endpointingOf, parseTranscriptionRequest } from './transcription-request.ts';

/** `POST /v1/audio/transcriptions` */
export function transcribeUpload(service: Service, env: NodeJS.ProcessEnv): RequestHandler {
  return async (request, response) => {
    const { client } = response.locals;
    if (client === undefined) throw new FloraAsrError('key_missing', 'It is not known who asks.');
    const recogniser = service.recogniser(); // refuses at the door, before anything is read
    const release = await service.access.admitRequest(client);
    try {
      const { maxUploadBytes, uploadTimeoutSeconds } = service.configuration;
      const upload = await readUpload(request, { maxBytes: maxUploadBytes, timeoutMs: 1000 * uploadTimeoutSeconds });
      const asked = parseTranscriptionRequest(upload.fields);
      const transcript = await transcribe(upload, asked, { service, recogniser, env, signal: goneSignal(response) });
      tellMetrics(service, asked, transcript);
      answer(response, asked, transcript);
    } finally {
      release();
    }
  };
}

interface Transcribing {
  readonly service: Service;
  readonly recogniser: Recogniser;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

async function transcribe(
  { file }: Upload,
  asked: TranscriptionRequest,
  { service, recogniser, env, signal }: Transcribing,
): Promise<FileTranscript> {
  const { modelAliases, maxUploadBytes, maxFileSeconds } = service.configuration;
  const { engine, voice, rows } = recogniser;
  const adapter = resolveModel(asked, { base: engine.base.name, aliases: modelAliases, adapters: engine.adapters });
  const speech = { language: asked.language, ...(adapter !== undefined && { adapter }) };
  return recogniseFile(
    {
      source: { bytes: file },
      channels: asked.channels,
      endpointing: endpointingOf(asked.chunking_strategy),
      limits: { ...DEFAULT_AUDIO_LIMITS, maxBytes: maxUploadBytes, maxDurationMs: 1000 * maxFileSeconds },
      signal,
      ...speech,
    },
    { engine, voice, rows, env },
  );
}

/** Fires when the client goes away before it has its answer: what it asked for is computed no further. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  if (response.closed) gone.abort();
  return gone.signal;
}

function tellMetrics({ metrics }: Service, { language }: TranscriptionRequest, { segments }: FileTranscript): void {
  for (const { startMs, endMs, result } of segments) {
    const { totalMs } = result.timings;
    metrics.recognised({ protocol: 'rest', language, audioMs: endMs - startMs, result, endToFinalMs: totalMs });
  }
}

function answer(
  response: Response,
  { response_format: format, language }: TranscriptionRequest,
  transcript: FileTranscript,
): void {
  response.set('cache-control', 'no-store');
  switch (format) {
    case 'json':
      response.json(transcriptionBody(transcript));
      return;
    case 'verbose_json':
      response.json(verboseTranscriptionBody(transcript, language));
      return;
    case 'text':
      response.type('text/plain').send(transcriptText(transcript));
      return;
  }
}
