import { describe, expect, it } from 'vitest';
import type { ExchangeEnd } from '../../../../bench/benches/fuzz/exchange.ts';
import type { Owed } from '../../../../bench/benches/fuzz/fuzz-case.ts';
import { judge } from '../../../../bench/benches/fuzz/verdict.ts';

function verdict(received: string | Buffer, owed: Owed = 'answer', ended: ExchangeEnd = 'service') {
  return judge({ owed }, { received: Buffer.from(received), ended });
}

function answered(status: number, body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status} Some Reason\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function refused(status: number, code: string): string {
  return answered(status, { error: { message: 'm', type: 't', param: null, code } });
}

function frames(...list: readonly (object | number)[]): Buffer {
  const bytes = list.flatMap((item) => {
    if (typeof item === 'number') return [0x88, 2, item >> 8, item & 255];
    const payload = Buffer.from(JSON.stringify(item));
    return [0x81, 126, payload.length >> 8, payload.length & 255, ...payload];
  });
  return Buffer.concat([Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'), Buffer.from(bytes)]);
}

const ERROR = {
  type: 'error',
  sequence: null,
  code: 'start_missing',
  message: 'm',
  param: null,
  retryable: false,
  fatal: true,
  channel: null,
  start: null,
  end: null,
};
const CLOSED = { type: 'closed', reason: 'error', audio: 0, finals: 0 };

describe('a verdict over an HTTP answer', () => {
  it('is well with an error of the form that is promised', () => {
    expect(verdict(refused(400, 'file_missing'))).toEqual({ answers: ['400 file_missing'], problem: null });
    expect(verdict(refused(503, 'queue_full'))).toEqual({ answers: ['503 queue_full'], problem: null });
    expect(verdict('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')).toEqual({
      answers: ['400 by the parser'],
      problem: null,
    });
    expect(verdict(answered(200, '{}'))).toEqual({ answers: ['200'], problem: null });
  });

  it.each([
    ['a failure of the service', refused(500, 'internal'), 'status 500 internal'],
    ['a lost engine', refused(503, 'engine_closed'), 'status 503 engine_closed'],
    ['a page for people', answered(404, '<html>Cannot GET</html>'), 'status 404 without an error in its body'],
    ['an error of another form', answered(400, { message: 'm' }), 'status 400 without an error in its body'],
    ['nothing at all', '', 'the connection ended without an answer'],
    ['something else', 'garbage', 'what came back is no answer'],
  ])('finds %s', (_, received, problem) => {
    expect(verdict(received).problem).toBe(problem);
  });

  it('finds one wrong answer among many', () => {
    expect(verdict(answered(200, '{}') + refused(500, 'internal') + answered(200, '{}'))).toEqual({
      answers: ['200', '500 internal'],
      problem: 'status 500 internal',
    });
  });

  it('asks for no more than is owed', () => {
    expect(verdict('', 'end').problem).toBeNull();
    expect(verdict('', 'nothing', 'patience').problem).toBeNull();
    expect(verdict('', 'end', 'patience').problem).toBe('neither an answer nor an end in time');
    expect(verdict(refused(500, 'internal'), 'nothing').problem).toBe('status 500 internal');
  });
});

describe('a verdict over a stream', () => {
  it('is well with an error, closed and a documented close code', () => {
    expect(verdict(frames(ERROR, CLOSED, 4400))).toEqual({ answers: ['4400 start_missing'], problem: null });
    expect(verdict(frames(1002))).toEqual({ answers: ['1002'], problem: null });
  });

  it.each([
    ['a failure of the service', frames(1011), 'close code 1011: the service failed'],
    ['an unknown close code', frames(4999), 'close code 4999 is not documented'],
    ['no close', frames(ERROR, CLOSED), 'the connection ended without a close frame'],
    ['a message that is none', frames({ type: 'eror' }, 4400), "1 messages are none of the protocol's"],
    ['a message after closed', frames(CLOSED, ERROR, 4400), 'messages after closed'],
    ['an error of its own', frames({ ...ERROR, code: 'internal' }, CLOSED, 4400), 'error internal'],
  ])('finds %s', (_, received, problem) => {
    expect(verdict(received).problem).toBe(problem);
  });

  it('finds finals that were lost on the way', () => {
    const final = {
      channel: 0,
      text: 'a',
      start: 0,
      end: 1,
      language: 'es',
      confidence: 0.5,
      adapter: null,
      ended_by: 'pause',
    };
    const timings = { wait_ms: 0, encode_ms: 0, decode_ms: 0, total_ms: 0 };
    const finals = [0, 2].map((sequence) => ({ type: 'final', sequence, ...final, timings }));
    expect(verdict(frames(...finals, 1000)).problem).toBe('the sequence of the outcomes has gaps');
  });
});
