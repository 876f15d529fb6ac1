import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { base64Pieces, checkBase64, checkLongBase64, isShort } from '../../../server/realtime/base64-audio.ts';

describe('audio in base64', () => {
  it('has the same bytes in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 10 }), (bytes, triples) => {
        const audio = Buffer.from(bytes).toString('base64');
        checkBase64(audio, 1);
        const pieces = [...base64Pieces(audio, 3 * triples)];
        expect(Buffer.concat(pieces)).toEqual(Buffer.from(bytes));
        for (const piece of pieces.slice(0, -1)) expect(piece.length).toBe(3 * triples);
      }),
    );
  });

  it.each(['A', 'AAA', 'AAA A', 'AA-_', 'AA==AAAA', '====', '=AAA', 'AAAÄ'])('is refused if it is none: %j', (audio) => {
    const refused = expect.objectContaining({ code: 'audio_malformed', param: 'audio' });
    expect(() => checkBase64(audio, 1)).toThrow(refused);
    expect(() => checkBase64('AAAA'.repeat(3) + audio, 1)).toThrow(refused);
  });

  it('is refused where long as where short', async () => {
    const long = 'AAAA'.repeat(2 ** 16);
    expect(isShort(long)).toBe(false);
    await checkLongBase64(long, 2);
    await expect(checkLongBase64(`${long.slice(0, -4)}AA-A`, 2)).rejects.toThrow(/base64/);
  });

  it('holds whole samples', () => {
    checkBase64('AAAA', 1);
    expect(() => checkBase64('AAAA', 2)).toThrow(/whole samples of 2 bytes, but it has 3 bytes/);
    checkBase64('AAA=', 2);
  });

  it('has 15 MiB at most', async () => {
    const most = Buffer.alloc(15 * 2 ** 20).toString('base64');
    await checkLongBase64(most, 2);
    const error = await checkLongBase64(`${most}AAAA`, 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FloraAsrError);
    expect(error).toMatchObject({ code: 'message_too_large', param: 'audio', message: expect.stringContaining('15 MiB') });
  });
});
