import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { clientError, FloraAsrClientError } from '../sdk/client-error.ts';
import { passTime } from '../sdk/pass-time.ts';
import { DEFAULT_RECONNECTING, reconnectWaitMs } from '../sdk/reconnecting.ts';
import { transcribeFile } from '../sdk/transcribe-file.ts';
import type { Recording } from './list-recordings.ts';
import type { RemoteService, TranscribeArguments } from './transcribe-arguments.ts';
import { jsonText } from './transcript-format.ts';

/** A service that is busy is asked again, for some minutes. */
const MOST_ATTEMPTS = 30;

/**
 * A recording's transcript, in the format that is asked for, by a service.
 * @throws FloraAsrError `file_not_found`; FloraAsrClientError as `transcribeFile`
 */
export async function remoteTranscript(
  recording: Recording,
  parsed: TranscribeArguments & { readonly server: RemoteService },
  signal: AbortSignal,
): Promise<string> {
  const request = { ...requestOf(recording, parsed), file: new Blob([await bytesOf(recording)]), signal };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await transcribeFile(request);
      if (typeof answer !== 'string') return jsonText(answer);
      return answer.endsWith('\n') ? answer : `${answer}\n`;
    } catch (error) {
      if (!(error instanceof FloraAsrClientError) || !error.retryable || attempt === MOST_ATTEMPTS) throw error;
      await passTime(error.retryAfterMs ?? reconnectWaitMs(attempt, DEFAULT_RECONNECTING, Math.random()), signal);
      if (signal.aborted) throw clientError('cancelled', 'The transcription was cancelled.', { cause: error });
    }
  }
}

function requestOf(
  { path: name, language, adapter }: Recording,
  { server, format, channels, endpointing }: TranscribeArguments & { readonly server: RemoteService },
) {
  return {
    ...server,
    fileName: path.basename(name),
    language,
    ...(adapter !== undefined && { adapter: adapter ?? 'none' }),
    channels,
    chunking_strategy: chunkingStrategyOf(endpointing),
    response_format: format,
    ...(format === 'verbose_json' && { timestamp_granularities: ['word' as const, 'segment' as const] }),
  };
}

function chunkingStrategyOf(endpointing: TranscribeArguments['endpointing']) {
  if (endpointing === 'off') return 'none' as const;
  const { silenceMs, prefixMs, threshold } = endpointing;
  return { type: 'server_vad', silence_duration_ms: silenceMs, prefix_padding_ms: prefixMs, threshold } as const;
}

async function bytesOf({ absolutePath, path: name }: Recording): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(absolutePath));
  } catch (cause) {
    throw new FloraAsrError('file_not_found', `${name} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
