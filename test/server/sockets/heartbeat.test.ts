import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../../../server/sockets/heartbeat.ts';
import { manualScheduler } from '../../support/manual-scheduler.ts';

function watched() {
  const time = manualScheduler();
  const counted = { pings: 0, deaths: 0 };
  const heartbeat = new Heartbeat({
    everyMs: 100,
    schedule: time.schedule,
    ping: () => {
      counted.pings += 1;
    },
    onDead: () => {
      counted.deaths += 1;
    },
  });
  return { time, counted, heartbeat };
}

describe('Heartbeat', () => {
  it('gives up on who has left two pings unanswered, once', () => {
    const { time, counted } = watched();
    time.advance(200);
    expect(counted).toEqual({ pings: 2, deaths: 0 });
    time.advance(100);
    expect(counted).toEqual({ pings: 2, deaths: 1 });
    time.advance(1_000);
    expect(counted).toEqual({ pings: 2, deaths: 1 });
  });

  it('goes on as long as anything is heard', () => {
    const { time, counted, heartbeat } = watched();
    for (let beat = 1; beat <= 20; beat += 1) {
      time.advance(100);
      if (beat % 2 === 0) heartbeat.heard();
    }
    expect(counted).toEqual({ pings: 20, deaths: 0 });
  });

  it('takes silence for nothing while it is deaf, but pings, and begins anew after', () => {
    const { time, counted, heartbeat } = watched();
    time.advance(200);
    heartbeat.setDeaf(true);
    time.advance(1_000);
    expect(counted).toEqual({ pings: 12, deaths: 0 });
    heartbeat.setDeaf(false);
    time.advance(200);
    expect(counted.deaths).toBe(0);
    time.advance(100);
    expect(counted.deaths).toBe(1);
  });

  it('leaves nothing behind when it is stopped', () => {
    const { time, counted, heartbeat } = watched();
    heartbeat.stop();
    expect(time.pending).toBe(0);
    time.advance(1_000);
    expect(counted).toEqual({ pings: 0, deaths: 0 });
  });
});
