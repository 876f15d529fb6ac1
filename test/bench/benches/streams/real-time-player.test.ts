import { describe, expect, it } from 'vitest';
import { type PlayedStream, RealTimePlayer } from '../../../../bench/benches/streams/real-time-player.ts';

/** A clock that stands still until it is set, and streams that keep what they sent, and when. */
function stage() {
  const now = { ms: 1_000 };
  const told: string[] = [];
  const stream = (name: string, { frames, offsetMs = 0 }: { frames: readonly number[]; offsetMs?: number }): PlayedStream => ({
    frames: frames.map((length) => new Int16Array(length))[Symbol.iterator](),
    frameSamples: frames[0] as number,
    offsetMs,
    send: (frame) => told.push(`${name} ${frame.length} at ${now.ms}`),
    finish: () => told.push(`${name} ends`),
  });
  return { now, told, stream, clock: () => now.ms };
}

describe('playing in real time', () => {
  it('sends a frame once its last sample would have been spoken, and tells when the next one is due', () => {
    const { now, told, stream, clock } = stage();
    const player = new RealTimePlayer([stream('a', { frames: [320, 320, 160] })], clock);
    expect(player.advance()).toBe(1_020);
    now.ms = 1_019;
    expect(player.advance()).toBe(1_020);
    expect(told).toEqual([]);
    now.ms = 1_020;
    expect(player.advance()).toBe(1_040);
    now.ms = 1_045;
    expect(player.advance()).toBe(1_050);
    now.ms = 1_050;
    expect(player.advance()).toBeNull();
    expect(told).toEqual(['a 320 at 1020', 'a 320 at 1045', 'a 160 at 1050', 'a ends']);
  });

  it('catches up when it was late, and does not drift', () => {
    const { now, told, stream, clock } = stage();
    const player = new RealTimePlayer([stream('a', { frames: [320, 320, 320, 320] })], clock);
    now.ms = 1_065;
    expect(player.advance()).toBe(1_080);
    expect(told).toHaveLength(3);
    expect(player.lagsMs).toEqual([45, 25, 5]);
    expect(player.streams[0]?.sentMs).toEqual([1_065, 1_065, 1_065]);
  });

  it('begins each stream at its own time, and goes on until all have ended', () => {
    const { now, told, stream, clock } = stage();
    const streams = [stream('a', { frames: [320] }), stream('b', { frames: [320, 320], offsetMs: 7 })];
    const player = new RealTimePlayer(streams, clock);
    now.ms = 1_020;
    expect(player.advance()).toBe(1_027);
    now.ms = 1_027;
    expect(player.advance()).toBe(1_047);
    now.ms = 1_047;
    expect(player.advance()).toBeNull();
    expect(told).toEqual(['a 320 at 1020', 'a ends', 'b 320 at 1027', 'b 320 at 1047', 'b ends']);
  });

  it('ends a stream once', () => {
    const { now, told, stream, clock } = stage();
    const player = new RealTimePlayer([stream('a', { frames: [320] })], clock);
    now.ms = 2_000;
    expect(player.advance()).toBeNull();
    expect(player.advance()).toBeNull();
    expect(told.filter((line) => line === 'a ends')).toHaveLength(1);
  });
});
