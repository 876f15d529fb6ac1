import { describe, expect, it } from 'vitest';
import { deinterleave, mixDown, signalsOf } from '../../../asr/audio/channels.ts';

const left = Float32Array.of(1, 0, -1);
const right = Float32Array.of(0, 0.5, -1);

describe('channels', () => {
  it('are mixed to their mean, and left as they were', () => {
    expect(mixDown([left, right])).toEqual(Float32Array.of(0.5, 0.25, -1));
    expect(left).toEqual(Float32Array.of(1, 0, -1));
  });

  it('are not copied when there is only one', () => {
    expect(mixDown([left])).toBe(left);
    expect(mixDown([])).toHaveLength(0);
  });

  it('are recognised as one signal, or each for itself', () => {
    const audio = { channels: [left, right], sampleRateHz: 8_000 };
    expect(signalsOf(audio, 'mix')).toEqual([Float32Array.of(0.5, 0.25, -1)]);
    expect(signalsOf(audio, 'apart')).toEqual([left, right]);
  });

  it('are told apart in interleaved samples, without the rest of a frame that is cut off', () => {
    expect(deinterleave([1, 2, 3, 4, 5], 2)).toEqual([Float32Array.of(1, 3), Float32Array.of(2, 4)]);
  });
});
