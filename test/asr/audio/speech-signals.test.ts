import { describe, expect, it } from 'vitest';
import { resample } from '../../../asr/audio/resample.ts';
import { speechSignals } from '../../../asr/audio/speech-signals.ts';
import { sine } from './signals.ts';

describe('the signals to recognise', () => {
  it('are at 16 kHz, bitwise as the whole signal resampled at once', async () => {
    const samples = sine(440, { rate: 44_100, length: 110_251 });
    const [signal, ...others] = await speechSignals({ channels: [samples], sampleRateHz: 44_100 }, 'mix');
    expect(others).toEqual([]);
    expect(signal).toEqual(resample(samples, 44_100, 16_000));
  });

  it('are the channels themselves where nothing is to be done', async () => {
    const channels = [sine(440, { rate: 16_000, length: 100 }), sine(220, { rate: 16_000, length: 100 })];
    const signals = await speechSignals({ channels, sampleRateHz: 16_000 }, 'apart');
    expect(signals[0]).toBe(channels[0]);
    expect(signals[1]).toBe(channels[1]);
  });

  it('are one mean of all channels when mixed', async () => {
    const channels = [Float32Array.of(1, 1), Float32Array.of(0, -1)];
    expect(await speechSignals({ channels, sampleRateHz: 16_000 }, 'mix')).toEqual([Float32Array.of(0.5, 0)]);
  });

  it('stop coming when cancelled', async () => {
    const audio = { channels: [new Float32Array(8_000)], sampleRateHz: 8_000 };
    await expect(speechSignals(audio, 'mix', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
