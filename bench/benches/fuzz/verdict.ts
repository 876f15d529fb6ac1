import { z } from 'zod';
import { type ErrorCode, FloraAsrError } from '../../../kernels/errors.ts';
import { CLOSE_CODES, type ServerMessage, serverMessageSchema } from '../../../server/protocol/stream-messages.ts';
import { type Answers, closeCodeOf, type FrameAnswer, type HttpAnswer, readAnswers } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { FuzzCase } from './fuzz-case.ts';

export interface Verdict {
  /** what came back, in short, each thing once: `400 request_invalid`, `4400 message_invalid`, `nothing` */
  readonly answers: readonly string[];
  /** what is wrong with that; null if nothing is */
  readonly problem: string | null;
}

/** Whether what came back is what the service owes. */
export function judge({ owed }: Pick<FuzzCase, 'owed'>, { received, ended }: Exchange): Verdict {
  const answers = readAnswers(received, ended === 'service');
  const { answers: told, problem } = judgeAnswers(answers);
  return { answers: told, problem: problem ?? missing(owed, answers, ended) };
}

function missing(owed: FuzzCase['owed'], { http, frames, rest }: Answers, ended: Exchange['ended']): string | null {
  if (owed === 'nothing') return null;
  if (ended === 'patience') return 'neither an answer nor an end in time';
  if (owed === 'end') return null;
  const last = http.at(-1);
  if (last === undefined) return rest.length === 0 ? 'the connection ended without an answer' : 'what came back is no answer';
  if (last.status === 101 && closeCodeOf(frames) === null) return 'the connection ended without a close frame';
  return null;
}

function judgeAnswers({ http, frames, rest }: Answers): Verdict {
  const answered = http.map((answer) => (answer.status === 101 ? judgeFrames(frames) : judgeHttp(answer)));
  if (answered.length === 0) return { answers: [rest.length === 0 ? 'nothing' : 'half an answer'], problem: null };
  return {
    answers: [...new Set(answered.map(({ answer }) => answer))],
    problem: answered.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}

interface AnswerVerdict {
  readonly answer: string;
  readonly problem: string | null;
}

const errorBodySchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().regex(/^[a-z_]+$/),
  }),
});

/** What Node's parser answers by itself, to what is no request that could be given to a route. */
const BELOW_ROUTES: ReadonlySet<number> = new Set([400, 408, 413, 417, 431]);

function judgeHttp({ status, headers, body }: HttpAnswer): AnswerVerdict {
  if (status < 400) return { answer: `${status}`, problem: null };
  if (body.length === 0 && BELOW_ROUTES.has(status) && headers.get('content-type') === undefined) {
    return { answer: `${status} by the parser`, problem: null };
  }
  // an answer to HEAD has no body to look at
  if (body.length === 0 && headers.has('content-length'))
    return { answer: `${status} to HEAD`, problem: serverProblem(status, null) };
  const parsed = errorBodySchema.safeParse(jsonOf(body));
  if (!parsed.success) return { answer: `${status}`, problem: `status ${status} without an error in its body` };
  const { code } = parsed.data.error;
  return { answer: `${status} ${code}`, problem: serverProblem(status, code) };
}

/** A client may not make the service fail; it may be told to come again. */
function serverProblem(status: number, code: string | null): string | null {
  if (status < 500 || (status === 503 && code !== null && isRetryable(code))) return null;
  return `status ${status}${code === null ? '' : ` ${code}`}`;
}

function isRetryable(code: string): boolean {
  return new FloraAsrError(code as ErrorCode, '').retryable;
}

function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Of the client's own close: its code comes back. */
const ECHOED = [1000, 1005];
const KNOWN_CLOSE_CODES: ReadonlySet<number> = new Set([...Object.values(CLOSE_CODES), ...ECHOED]);
const OPCODES: ReadonlySet<number> = new Set([1, 8, 9, 10]);

function judgeFrames(frames: readonly FrameAnswer[]): AnswerVerdict {
  const messages = frames
    .filter(({ opcode }) => opcode === 1)
    .map(({ payload }) => serverMessageSchema.safeParse(jsonOf(payload)));
  const read = messages.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const error = read.find((message) => message.type === 'error');
  const close = closeCodeOf(frames);
  const answer = `${close ?? 'open'}${error === undefined ? '' : ` ${error.code}`}`;
  return { answer, problem: frameProblem(frames) ?? unreadable(messages.length - read.length) ?? storyProblem(read, close) };
}

function unreadable(count: number): string | null {
  return count === 0 ? null : `${count} messages are none of the protocol's`;
}

function frameProblem(frames: readonly FrameAnswer[]): string | null {
  const wrong = frames.find(({ opcode, final, masked }) => !OPCODES.has(opcode) || !final || masked);
  if (wrong !== undefined) return `a frame with opcode ${wrong.opcode} that no service sends`;
  const close = frames.findIndex(({ opcode }) => opcode === 8);
  return close >= 0 && close < frames.length - 1 ? 'frames after the close' : null;
}

/** What a stream told, as a whole. */
function storyProblem(messages: readonly ServerMessage[], close: number | null): string | null {
  if (close === 1011) return 'close code 1011: the service failed';
  if (close !== null && !KNOWN_CLOSE_CODES.has(close)) return `close code ${close} is not documented`;
  const outcomes = messages.flatMap((message) =>
    (message.type === 'final' || message.type === 'error') && message.sequence !== null ? [message.sequence] : [],
  );
  if (outcomes.some((sequence, index) => sequence !== index)) return 'the sequence of the outcomes has gaps';
  const finals = messages.filter((message) => message.type === 'final');
  if (finals.some(({ start, end }) => end < start)) return 'a final ends before it begins';
  const failure = messages.find(
    (message) => message.type === 'error' && ['internal', 'engine_failed', 'engine_closed'].includes(message.code),
  );
  if (failure !== undefined) return `error ${'code' in failure ? failure.code : ''}`;
  const closed = messages.findIndex(({ type }) => type === 'closed');
  return closed >= 0 && closed < messages.length - 1 ? 'messages after closed' : null;
}
