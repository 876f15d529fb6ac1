import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { describeError } from '../../../server/describe-error.ts';
import { errorMessage } from '../../../server/stream/event-message.ts';
import { OutcomeLog } from '../../../server/stream/outcome-log.ts';

function outcome(sequence: number, message = '') {
  const error = describeError(new FloraAsrError('engine_failed', message));
  return errorMessage(error, { fatal: false, sequence, lost: { channel: 0, startMs: 0, endMs: 1 } });
}

describe('OutcomeLog', () => {
  it('has what came after those that a client has', () => {
    const log = new OutcomeLog(true);
    for (const sequence of [0, 1, 2]) log.add(outcome(sequence));
    expect(log.next).toBe(3);
    expect(log.since(0).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(log.since(2).map(({ sequence }) => sequence)).toEqual([2]);
    expect(log.since(3)).toEqual([]);
  });

  it('refuses more than there were', () => {
    const log = new OutcomeLog(true);
    log.add(outcome(0));
    expect(() => log.since(2)).toThrow(expect.objectContaining({ code: 'message_invalid', param: 'received' }));
  });

  it('keeps half a megabyte at most, and says from where on', () => {
    const log = new OutcomeLog(true);
    for (let sequence = 0; sequence < 100; sequence += 1) log.add(outcome(sequence, 'x'.repeat(10_000)));
    expect(() => log.since(0)).toThrow(expect.objectContaining({ code: 'session_outdated', param: 'received' }));
    const kept = log.since(60);
    expect(kept[0]?.sequence).toBe(60);
    expect(() => log.since(40)).toThrow(/resume with received (4[1-9]|5\d) or more/);
  });

  it('only counts where nobody can come back', () => {
    const log = new OutcomeLog(false);
    log.add(outcome(0));
    expect(log.next).toBe(1);
    expect(log.since(1)).toEqual([]);
  });
});
