import type { Response } from 'express';
import { type FileSegment, type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { TokenBytes } from '../../asr/whisper/token-bytes.ts';
import type { TranscriptionEvent } from '../protocol/audio-answers.ts';
import type { Scheduler } from '../sockets/scheduler.ts';
import { cutCues } from '../subtitles/cut-cues.ts';
import { writeSrt, writeVtt } from '../subtitles/write-subtitles.ts';
import type { AudioRequest } from './audio-request.ts';
import { diarizedBody } from './diarized-answer.ts';
import { beginEvents, type ServerSentEvents } from './server-sent-events.ts';
import { transcriptionBody, verboseTranscriptionBody } from './transcription-answer.ts';
import { transcriptionEvents } from './transcription-events.ts';

/** How a request about a recording is answered, at once or as it is recognised. */
export interface AudioAnswer {
  /** The recording can be read, and recognition begins. */
  begin(): void;
  /** by time */
  take(segment: FileSegment): void;
  finish(transcript: FileTranscript): void;
}

/** @param tokenBytes null: without log-probabilities */
export function wholeAnswer(response: Response, asked: AudioRequest, tokenBytes: TokenBytes | null): AudioAnswer {
  return {
    begin: () => undefined,
    take: () => undefined,
    finish(transcript) {
      response.set('cache-control', 'no-store');
      switch (asked.format) {
        case 'json':
          response.json(transcriptionBody(transcript, asked, tokenBytes));
          return;
        case 'verbose_json':
          response.json(verboseTranscriptionBody(transcript, asked));
          return;
        case 'diarized_json':
          response.json(diarizedBody(transcript));
          return;
        case 'text':
          response.type('text/plain').send(transcriptText(transcript));
          return;
        case 'srt':
          response.type('application/x-subrip; charset=utf-8').send(writeSrt(cutCues(transcript.segments)));
          return;
        case 'vtt':
          response.type('text/vtt; charset=utf-8').send(writeVtt(cutCues(transcript.segments)));
          return;
      }
    },
  };
}

/** @param tokenBytes null: without log-probabilities */
export function streamedAnswer(
  response: Response,
  asked: AudioRequest,
  { tokenBytes, schedule }: { readonly tokenBytes: TokenBytes | null; readonly schedule: Scheduler },
): AudioAnswer {
  const events = transcriptionEvents(asked, tokenBytes);
  let sent: ServerSentEvents | null = null;
  const send = (event: TranscriptionEvent) => sent?.send(JSON.stringify(event));
  return {
    begin() {
      sent = beginEvents(response, schedule);
    },
    take(segment) {
      for (const event of events.take(segment)) send(event);
    },
    finish(transcript) {
      send(events.done(transcript));
      sent?.send('[DONE]');
      sent?.end();
    },
  };
}
