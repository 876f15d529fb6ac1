import type {
  DiarizedTranscriptionBody,
  TranscriptionBody,
  VerboseTranscriptionBody,
} from '../../server/protocol/audio-answers.ts';
import type { ResponseFormat, TranscriptionRequest } from '../../server/protocol/audio-requests.ts';
import { answerError } from './answer-error.ts';
import { clientError } from './client-error.ts';
import { addressOf } from './service-address.ts';

/** The fields of the form, as the service has them: see `/docs/rest/`. */
export interface FileOptions extends Partial<Omit<TranscriptionRequest, 'response_format' | 'stream'>> {
  /** of the service: `https://asr.example.org` */
  readonly url: string | URL;
  readonly apiKey?: string | undefined;
  /** the recording, in any format; its name helps people to find it in errors */
  readonly file: Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;
  readonly fileName?: string;
  readonly signal?: AbortSignal | undefined;
}

interface Answers {
  readonly json: TranscriptionBody;
  readonly verbose_json: VerboseTranscriptionBody;
  readonly diarized_json: DiarizedTranscriptionBody;
}
type AnswerIn<Format extends ResponseFormat> = Format extends keyof Answers ? Answers[Format] : string;

/**
 * The words of a recording.
 * @param options `response_format` says how: those in JSON give objects, `text`, `srt` and `vtt` give strings
 * @throws FloraAsrClientError `connection_failed`, `cancelled`, or the service's own code: `audio_unreadable` …
 */
export async function transcribeFile<Format extends ResponseFormat = 'json'>(
  options: FileOptions & { readonly response_format?: Format },
): Promise<AnswerIn<Format>> {
  const { url, apiKey, file, fileName = 'recording', signal, ...fields } = options;
  const address = addressOf(url, '/v1/audio/transcriptions', 'http');
  const form = new FormData();
  // the file comes last: what is wrong with the rest is told before it is read
  for (const [name, value] of Object.entries<Field | undefined>(fields)) appendField(form, name, value);
  form.append('file', file instanceof Blob ? file : new Blob([file]), fileName);
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const answer = await send(address, { method: 'POST', body: form, headers, signal: signal ?? null });
  if (!answer.ok) throw await answerError(answer, address);
  const { response_format = 'json' } = fields;
  const body = response_format.endsWith('json') ? await answer.json() : await answer.text();
  return body as AnswerIn<Format>;
}

type Field = string | number | boolean | readonly Field[] | { readonly [part: string]: Field | undefined };

/** Lists as `name[]`, objects as `name[part]`, as OpenAI's API takes them. */
function appendField(form: FormData, name: string, value: Field | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'object') return form.append(name, `${value}`);
  const parts = Array.isArray(value) ? value.map((item: Field) => ['', item] as const) : Object.entries(value);
  for (const [part, inner] of parts) appendField(form, `${name}[${part}]`, inner);
}

async function send(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (cause) {
    if (request.signal?.aborted) throw clientError('cancelled', 'The transcription was cancelled.', { cause });
    const reason = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
    throw clientError('connection_failed', `${address.host} cannot be reached${reason}.`, { retryable: true, cause });
  }
}
