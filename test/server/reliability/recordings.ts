import { type ClientRequest, request } from 'node:http';
import { waveOf } from '../../../bench/benches/fuzz/material.ts';
import { type SpeechPiece, speechFixtures } from '../../support/real-engine.ts';

/** A recording as clients send it: over a stream, or as an upload. */
export interface SentRecording {
  readonly language: string;
  /** 16 kHz */
  readonly samples: Int16Array;
}

/** One recording of each language of the fixtures. */
export async function sentRecordings(): Promise<readonly SentRecording[]> {
  const pieces = await speechFixtures();
  const languages = [...new Set(pieces.map(({ language }) => language))];
  return languages.map((language) => sent(pieces.find((piece) => piece.language === language) as SpeechPiece));
}

function sent({ language, samples }: SpeechPiece): SentRecording {
  return {
    language,
    samples: Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)))),
  };
}

function formOf({ language, samples }: SentRecording): FormData {
  const form = new FormData();
  form.set('language', language);
  form.set('response_format', 'text');
  form.set('file', new Blob([new Uint8Array(waveOf(samples))], { type: 'audio/wav' }), 'a.wav');
  return form;
}

/** The text of an upload. @throws Error if it is refused, or the signal aborts it */
export async function uploadText(url: string, recording: SentRecording, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(`${url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: formOf(recording),
    ...(signal && { signal }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`An upload was answered ${answer.status}: ${text}`);
  return text;
}

/** How an upload is refused. */
export async function refusedUpload(url: string, recording: SentRecording): Promise<{ status: number; code: string }> {
  const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: formOf(recording) });
  const body = (await answer.json()) as { error: { code: string } };
  return { status: answer.status, code: body.error.code };
}

/** An upload whose end never comes. */
export function unfinishedUpload(url: string): ClientRequest {
  const unfinished = request(`${url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': 10_000 },
  });
  unfinished.on('error', () => undefined);
  unfinished.write('--b\r\n');
  return unfinished;
}
