import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import type { ProtocolName } from '../observability/metrics.ts';

/** A code as clients may get it. */
export interface DocumentedCode {
  readonly code: ErrorCode;
  /** of an answer, or of a refused handshake */
  readonly status: number;
  readonly type: string;
  /** whether the same may succeed later */
  readonly retryable: boolean;
  /** for people: what happened, and what to do */
  readonly meaning: string;
}

/** What a protocol may answer, by status and then by name. */
export function codesOf(protocol: ProtocolName): readonly DocumentedCode[] {
  return (Object.keys(MEANINGS) as ErrorCode[])
    .filter((code) => isAnsweredBy(protocol, code))
    .map(documented)
    .sort((one, other) => one.status - other.status || one.code.localeCompare(other.code));
}

/** Those of a list, each with what is said of it everywhere. */
export function documented(code: ErrorCode): DocumentedCode {
  const { status, type, retryable } = describeError(new FloraAsrError(code, ''));
  return { code, status, type, retryable, meaning: MEANINGS[code]?.meaning ?? '' };
}

function isAnsweredBy(protocol: ProtocolName, code: ErrorCode): boolean {
  const entry = MEANINGS[code];
  return entry !== null && (entry.by === 'both' || entry.by === protocol);
}

interface Meaning {
  readonly by: ProtocolName | 'both';
  readonly meaning: string;
}

const both = (meaning: string): Meaning => ({ by: 'both', meaning });
const rest = (meaning: string): Meaning => ({ by: 'rest', meaning });
const stream = (meaning: string): Meaning => ({ by: 'stream', meaning });
const realtime = (meaning: string): Meaning => ({ by: 'realtime', meaning });
/** Ends a command, or the service's start, and reaches no client. */
const COMMANDS_ONLY = null;

/** Every code there is, so that none can be forgotten. */
const MEANINGS: Readonly<Record<ErrorCode, Meaning | null>> = {
  argument_invalid: COMMANDS_ONLY,
  file_not_found: COMMANDS_ONLY,
  language_unknown: both('The model does not know the language, or it is no BCP-47 tag; the message lists what it knows.'),
  audio_unreadable: rest('The file is no audio that can be read.'),
  audio_empty: rest('The file has no audio in it.'),
  audio_truncated: rest('The file ends before it should.'),
  audio_too_large: rest('The file is larger than the service takes.'),
  audio_too_long: rest('The recording is longer than the service takes.'),
  audio_not_finite: rest('Samples are infinite, or no numbers.'),
  adapter_not_found: both(
    'The adapter is not loaded; the message lists those that are. The base model never stands in for it.',
  ),
  adapter_invalid: COMMANDS_ONLY,
  adapter_incompatible: COMMANDS_ONLY,
  adapter_exists: COMMANDS_ONLY,
  adapter_ambiguous: both('Several adapters serve the language, and none is its default; name one.'),
  adapter_bank_full: COMMANDS_ONLY,
  weights_not_found: COMMANDS_ONLY,
  weights_corrupt: COMMANDS_ONLY,
  weights_unsupported: COMMANDS_ONLY,
  download_failed: COMMANDS_ONLY,
  cache_unwritable: COMMANDS_ONLY,
  ffmpeg_missing: rest('The service has no ffmpeg, and reads WAV only; its operator can install one.'),
  ffmpeg_timeout: rest('To read the file took too long.'),
  provider_unavailable: COMMANDS_ONLY,
  corpus_not_found: COMMANDS_ONLY,
  tool_missing: COMMANDS_ONLY,
  tool_failed: COMMANDS_ONLY,
  training_diverged: COMMANDS_ONLY,
  checkpoint_invalid: COMMANDS_ONLY,
  checkpoint_incompatible: COMMANDS_ONLY,
  output_unwritable: COMMANDS_ONLY,
  graph_invalid: COMMANDS_ONLY,
  shape_mismatch: both('A failure of the service.'),
  queue_full: both('As many utterances wait as the service takes; try again soon.'),
  cancelled: COMMANDS_ONLY, // whoever would read it is the one who has gone
  engine_closed: both('The service has lost its model, or is ending.'),
  engine_failed: both('The model failed on this utterance.'),
  request_invalid: both('Something in the request is wrong; the message says what, and `param` where.'),
  route_not_found: both('There is no such path.'),
  method_not_allowed: both('The path takes other methods; the header `allow` lists them.'),
  media_type_unsupported: rest('The body is not of the type that the path takes.'),
  file_missing: rest('The form has no `file`.'),
  file_repeated: rest('The form has more than one `file`.'),
  model_not_found: both('No such model is served; the message lists what is.'),
  parameter_unsupported: rest('The parameter is known, and not supported; leave it out.'),
  unsupported_response_format: rest('There is no such format; the message lists those that there are.'),
  upload_too_large: rest('The upload is larger than the service takes.'),
  upload_timeout: rest('The request took too long to arrive.'),
  message_invalid: stream('A text frame is none of the messages; `param` names the field.'),
  message_too_large: stream('A frame is larger than the service takes.'),
  start_missing: stream('Audio, or another message, came before `start`.'),
  start_repeated: stream('`start` came twice; open another connection for another stream.'),
  start_timeout: stream('No `start` came in time.'),
  audio_after_finish: stream('Something came after `finish`.'),
  audio_malformed: stream('A binary frame does not hold whole samples of all channels.'),
  backlog_exceeded: stream('Much more audio came than could be recognised in time; the audio before it was answered.'),
  reader_too_slow: stream('The client does not read what it is sent.'),
  stream_too_long: stream('The stream is longer than the service takes; the audio before that was answered.'),
  stream_idle: stream('No frame came for a long time.'),
  input_audio_buffer_commit_empty: realtime(
    'There are less than 100 ms of audio to commit; a pause may have committed the rest.',
  ),
  session_unknown: stream('There is no such session for this client: it was never there, has ended, or was away for too long.'),
  session_outdated: stream(
    'The session goes on, but what the client lacks is not kept any more; the message says from where it is.',
  ),
  session_taken_over: stream('Another connection has resumed the stream of this one.'),
  key_missing: both('The service wants an API key, and none was sent.'),
  key_unknown: both('The API key is none that the service knows.'),
  origin_forbidden: both('Pages of this origin may not call the service; its operator can allow them.'),
  rate_limited: both('Too many requests and streams in a minute; the answer says when to try again.'),
  too_many_requests: rest('Too many requests are being answered; try again soon.'),
  too_many_streams: stream('Too many streams are open; try again soon.'),
  configuration_invalid: COMMANDS_ONLY,
  starting: both('The model is not there yet; try again soon.'),
  draining: both('The service is ending, and takes no new work; connect again.'),
  internal: both('A failure of the service; its log says more.'),
};
