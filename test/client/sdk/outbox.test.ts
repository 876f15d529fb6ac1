import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../client/sdk/outbox.ts';

const frames = (count: number, from = 0) => Uint8Array.from({ length: 2 * count }, (_, index) => (2 * from + index) % 251);

describe('an outbox', () => {
  it('gives audio in pieces of whole frames, and messages between them, in their order', () => {
    const outbox = new Outbox({ bytesPerFrame: 2, mostBytes: 5 });
    outbox.putAudio(frames(3));
    outbox.putMessage({ type: 'flush' });
    outbox.putAudio(frames(1, 3));
    const taken = Array.from({ length: 5 }, () => outbox.take(false));
    expect(taken).toEqual([frames(2), frames(1, 2), '{"type":"flush"}', frames(1, 3), null]);
    expect(outbox.heldBytes).toBe(0);
  });

  it('keeps what was taken until it is accepted', () => {
    const outbox = new Outbox({ bytesPerFrame: 2, mostBytes: 4 });
    outbox.putAudio(frames(4));
    outbox.take(true);
    outbox.take(true);
    expect([outbox.heldBytes, outbox.untakenBytes]).toEqual([8, 0]);
    outbox.accepted({ frames: 2, messages: 0 });
    expect([outbox.heldBytes, outbox.untakenBytes]).toEqual([4, 0]);
    outbox.rewind({ frames: 2, messages: 0 });
    expect(outbox.untakenBytes).toBe(4);
    expect(outbox.take(true)).toEqual(frames(2, 2));
  });

  it('sends a message again if it was not taken, and only then', () => {
    const outbox = new Outbox({ bytesPerFrame: 2, mostBytes: 4 });
    outbox.putAudio(frames(2));
    outbox.putMessage({ type: 'flush' });
    outbox.putMessage({ type: 'finish' });
    while (outbox.take(true) !== null);
    outbox.rewind({ frames: 2, messages: 1 });
    expect([outbox.take(true), outbox.take(true)]).toEqual(['{"type":"finish"}', null]);
  });

  it('over any connections, gives a service that goes on from what it accepted everything once and in order', () => {
    const part = fc.oneof(
      fc.integer({ min: 1, max: 9 }).map((count) => ({ count })),
      fc.constant({ count: 0 }),
    );
    const losses = fc.array(fc.tuple(fc.nat(12), fc.nat(6)), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), losses, (parts, cuts) => {
        const outbox = new Outbox({ bytesPerFrame: 2, mostBytes: 6 });
        const wanted: unknown[] = [];
        let place = 0;
        for (const { count } of parts) {
          if (count === 0) {
            outbox.putMessage({ at: place });
            wanted.push(`{"at":${place}}`);
          } else {
            outbox.putAudio(frames(count, place));
            place += count;
          }
        }
        const audio: number[] = [];
        const messages: string[] = [];
        const receive = (most: number) => {
          for (let count = 0; count < most; count += 1) {
            const data = outbox.take(true);
            if (data === null) return;
            if (typeof data === 'string') messages.push(data);
            else audio.push(...data);
          }
        };
        for (const [received, lost] of cuts) {
          receive(received);
          const accepted = { frames: audio.length / 2, messages: messages.length };
          for (let count = 0; count < lost; count += 1) outbox.take(true); // on the way when the connection was cut
          outbox.rewind(accepted);
        }
        receive(Number.POSITIVE_INFINITY);
        expect(Uint8Array.from(audio)).toEqual(frames(place));
        expect(messages).toEqual(wanted);
      }),
    );
  });
});
