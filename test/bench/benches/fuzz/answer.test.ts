import { describe, expect, it } from 'vitest';
import { closeCodeOf, hasAnswer, readAnswers } from '../../../../bench/benches/fuzz/answer.ts';

const http = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

describe('what came over the wire', () => {
  it('is read answer by answer, whatever ends their bodies', () => {
    const bytes = http(
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 200 OK',
      'Content-Length: 2',
      '',
      'abHTTP/1.1 404 Not Found',
      'Transfer-Encoding: chunked',
      '',
      '3',
      'cde',
      '0',
      '',
      'HTTP/1.1 204 No Content',
      '',
      'HTTP/1.1 400 Bad Request',
      'Connection: close',
      '',
      'rest',
    );
    const { http: answers } = readAnswers(bytes, true);
    expect(answers.map(({ status, body }) => [status, body.toString()])).toEqual([
      [200, 'ab'],
      [404, 'cde'],
      [204, ''],
      [400, 'rest'],
    ]);
  });

  it('leaves half an answer unread', () => {
    const half = http('HTTP/1.1 200 OK', 'Content-Length: 10', '', 'ab');
    expect(readAnswers(half, false)).toMatchObject({ http: [], rest: half });
    expect(hasAnswer(half)).toBe(false);
  });

  it('takes the length in an answer to HEAD for what a body would have', () => {
    const bytes = http('HTTP/1.1 200 OK', 'Content-Length: 10', '', 'HTTP/1.1 200 OK', 'Content-Length: 7', '', '');
    expect(readAnswers(bytes, true).http).toHaveLength(2);
  });

  it('is no answer where it does not look like one', () => {
    expect(readAnswers(http('HTTP/2 200 fine', '', ''), true)).toMatchObject({ http: [] });
    expect(readAnswers(Buffer.from('hello'), true)).toMatchObject({ http: [], rest: Buffer.from('hello') });
  });

  it('goes on in frames after an upgrade', () => {
    const upgraded = http('HTTP/1.1 101 Switching Protocols', '', '');
    const frames = Buffer.from([0x81, 2, 0x68, 0x69, 0x88, 2, 0x03, 0xe9]);
    const whole = Buffer.concat([upgraded, frames]);
    const read = readAnswers(whole, false);
    expect(read.frames.map(({ opcode, payload }) => [opcode, payload.toString('latin1')])).toEqual([
      [1, 'hi'],
      [8, '\x03\xe9'],
    ]);
    expect(closeCodeOf(read.frames)).toBe(1001);
    expect(hasAnswer(whole)).toBe(true);
    expect(hasAnswer(whole.subarray(0, -1))).toBe(false);
  });

  it('has to end where it says that it will', () => {
    expect(hasAnswer(http('HTTP/1.1 200 OK', 'Content-Length: 0', '', ''))).toBe(true);
    expect(hasAnswer(http('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''))).toBe(false);
  });
});
