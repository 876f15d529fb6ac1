import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { UtteranceEnds } from '../../../server/deepgram/utterance-ends.ts';
import { finalEvent } from './speech-events.ts';

const started = (startMs: number, channel = 0) => ({ kind: 'speech-started', channel, startMs }) as const;
/** ends at 1 s + 400 ms */
const spoken = finalEvent('un sombrero', { startMs: 1_000, endMs: 2_000 });

describe('an utterance end', () => {
  it('comes once, when so much silence has followed the last word', () => {
    const ends = new UtteranceEnds({ silenceMs: 1_000, channels: 1 });
    ends.observe(started(1_000));
    ends.observe(spoken);
    expect(ends.due(2_399)).toEqual([]);
    expect(ends.due(2_400)).toEqual([{ channel: 0, lastWordEndMs: 1_400 }]);
    expect(ends.due(9_000)).toEqual([]);
  });

  it('waits for who speaks again, though the words before come late', () => {
    const ends = new UtteranceEnds({ silenceMs: 1_000, channels: 1 });
    ends.observe(started(1_000));
    ends.observe(started(2_300));
    ends.observe(spoken);
    expect(ends.due(4_000)).toEqual([]);
    ends.observe(finalEvent('azul', { startMs: 2_200, endMs: 4_000 }));
    expect(ends.due(4_000)).toEqual([{ channel: 0, lastWordEndMs: 2_400 }]);
  });

  it.each(['length', 'language'] as const)('does not come where an utterance was cut by its %s, and goes on', (endedBy) => {
    const ends = new UtteranceEnds({ silenceMs: 1_000, channels: 1 });
    ends.observe(started(1_000));
    ends.observe({ ...spoken, endedBy });
    expect(ends.due(9_000)).toEqual([]);
    ends.observe(finalEvent('', { startMs: 2_000, endMs: 5_000 }));
    expect(ends.due(9_000)).toEqual([{ channel: 0, lastWordEndMs: 1_400 }]);
  });

  it('does not come where there were no words', () => {
    const ends = new UtteranceEnds({ silenceMs: 1_000, channels: 1 });
    ends.observe(started(1_000));
    ends.observe(finalEvent(''));
    const error = new FloraAsrError('engine_failed', 'The worker was lost.');
    ends.observe({ kind: 'failed', channel: 0, startMs: 3_000, endMs: 4_000, error });
    expect(ends.due(9_000)).toEqual([]);
  });

  it('is one of its channel', () => {
    const ends = new UtteranceEnds({ silenceMs: 1_000, channels: 2 });
    ends.observe({ ...spoken, channel: 1 });
    ends.observe(started(2_000, 0));
    expect(ends.due(9_000)).toEqual([{ channel: 1, lastWordEndMs: 1_400 }]);
  });
});
