import { describe, expect, it } from 'vitest';
import { SileroSignal } from '../../../asr/voice-activity/silero-signal.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';

interface Opened {
  readonly signal: SileroSignal;
  /** windows of each message */
  readonly sent: number[];
  readonly closes: number[];
}

function open(): Opened {
  const sent: number[] = [];
  const closes: number[] = [];
  const line = { send: (windows: Float32Array) => sent.push(windows.length / 512), close: () => closes.push(sent.length) };
  return { signal: new SileroSignal(line), sent, closes };
}

async function codeFrom(push: Promise<unknown>): Promise<unknown> {
  return push.then(
    (value) => value,
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );
}

describe('SileroSignal', () => {
  it('sends one message for each push that completes a window, and none for the others', async () => {
    const { signal, sent } = open();
    const pushes = [300, 300, 100, 1_500].map((count) => signal.push(new Float32Array(count)));
    expect(sent).toEqual([1, 3]);
    signal.settle(Float32Array.of(0.5));
    signal.settle(Float32Array.of(0.25, 0.125, 1));
    expect(await Promise.all(pushes)).toEqual([[], [0.5], [], [0.25, 0.125, 1]].map((values) => Float32Array.from(values)));
  });

  it('answers pushes in their order, those that completed no window too', async () => {
    const { signal } = open();
    const answered: string[] = [];
    const push = async (name: string, count: number) => {
      await signal.push(new Float32Array(count));
      answered.push(name);
    };
    const pushes = [push('nothing waits', 1), push('first', 512), push('small', 10), push('smaller', 1), push('second', 512)];
    await pushes[0];
    expect(answered).toEqual(['nothing waits']);
    signal.settle(Float32Array.of(1));
    signal.settle(Float32Array.of(1));
    await Promise.all(pushes);
    expect(answered).toEqual(['nothing waits', 'first', 'small', 'smaller', 'second']);
  });

  it('rejects what is open and what comes later with cancelled once it is closed, and tells so once', async () => {
    const { signal, closes } = open();
    const waits = signal.push(new Float32Array(600));
    signal.close();
    signal.close();
    expect(await codeFrom(waits)).toBe('cancelled');
    expect(await codeFrom(signal.push(new Float32Array(600)))).toBe('cancelled');
    expect(closes).toEqual([1]);
  });

  it('keeps the first reason why it failed, and has nothing to close then', async () => {
    const { signal, closes } = open();
    const waits = signal.push(new Float32Array(600));
    signal.fail(new FloraAsrError('engine_failed', 'first'));
    signal.fail(new FloraAsrError('engine_closed', 'second'));
    signal.close();
    expect([await codeFrom(waits), await codeFrom(signal.push(new Float32Array(1)))]).toEqual([
      'engine_failed',
      'engine_failed',
    ]);
    expect(closes).toEqual([]);
  });

  it('drops an answer that comes after it was closed', async () => {
    const { signal } = open();
    const waits = codeFrom(signal.push(new Float32Array(512)));
    signal.close();
    signal.settle(Float32Array.of(1));
    expect(await waits).toBe('cancelled');
  });
});
