import { describe, expect, it } from 'vitest';
import { createSampleDecoder } from '../../../../asr/audio/sample-encodings.ts';
import { attributeFinals, disordered } from '../../../../bench/benches/telephone/attribute-finals.ts';
import { asTelephone, asWideband, makeCall } from '../../../../bench/benches/telephone/call.ts';
import { telephoneReport } from '../../../../bench/benches/telephone/telephone-report.ts';

/** Half a second of a tone at 16 kHz. */
function tone(hz: number): Float32Array {
  return Float32Array.from({ length: 8_000 }, (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * index) / 16_000));
}

const call = makeCall([
  { said: 'first', samples: tone(440) },
  { said: 'second', samples: tone(1_000) },
  { said: 'third', samples: tone(440) },
]);

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

describe('a call', () => {
  it('lets two sides take turns, each on a channel of its own, with a second of silence between them', () => {
    const places = call.turns.map(({ said, channel, startMs, endMs }) => [said, channel, startMs, endMs]);
    expect(places).toEqual([
      ['first', 0, 1000, 1500],
      ['second', 1, 2500, 3000],
      ['third', 0, 4000, 4500],
    ]);
    const [left, right] = call.channels;
    expect(rms(left.subarray(16_000, 24_000))).toBeCloseTo(0.3535, 3);
    expect(rms(right.subarray(16_000, 24_000))).toBe(0);
    expect(left).toHaveLength(5.5 * 16_000);
  });

  it('is the same audio on both ways, but for what a telephone leaves out', () => {
    for (const sent of [asWideband(call), asTelephone(call)]) {
      const [left, right] = createSampleDecoder({ encoding: sent.encoding, channels: 2 }).push(sent.bytes) as [
        Float32Array,
        Float32Array,
      ];
      const hz = sent.sampleRateHz;
      expect(left).toHaveLength(5.5 * hz);
      expect(sent.bytes.length / sent.bytesPerSecond).toBe(5.5);
      expect(rms(right.subarray(2.6 * hz, 2.9 * hz))).toBeCloseTo(0.3535, 2);
      expect(rms(left.subarray(2.6 * hz, 2.9 * hz))).toBeLessThan(0.001);
    }
  });
});

describe('finals of a call', () => {
  const final = (channel: number, startMs: number, endMs: number, text: string) => ({ channel, startMs, endMs, text });

  it('belong to the nearest turn of their channel, words out of nowhere too', () => {
    const finals = [
      final(0, 900, 1_200, 'fir'),
      final(0, 1_250, 1_700, 'st'),
      final(1, 3_400, 3_600, 'noise'),
      final(0, 3_900, 4_600, 'third'),
    ];
    expect(attributeFinals(call.turns, finals)).toEqual(['fir st', 'noise', 'third']);
  });

  it('are out of order where one begins before an earlier one of its channel has ended', () => {
    const late = final(0, 1_000, 1_100, 'late');
    expect(disordered([final(0, 900, 1_700, 'a'), final(1, 900, 1_700, 'b'), late, final(0, 1_700, 2_000, 'c')])).toEqual([
      late,
    ]);
  });
});

it('reports the words that the telephone costs, by language and together', () => {
  const report = telephoneReport([
    { language: 'es', reference: 'Un sombrero azul.', wideband: 'un sombrero azul', telephone: 'un sombrero' },
    { language: 'es', reference: 'Hola.', wideband: 'hola', telephone: 'Hola' },
    { language: 'fr', reference: 'Un poisson rouge.', wideband: 'un poisson bleu', telephone: 'un poisson rouge' },
  ]);
  expect(report.perLanguage.map(({ language, utterances, werGap }) => [language, utterances, Math.round(werGap)])).toEqual([
    ['es', 2, 25],
    ['fr', 1, -33],
  ]);
  expect(report.wideband.wer).toBeCloseTo(100 / 7);
  expect(report.werGap).toBeCloseTo(0);
  expect(report.passed.werGap).toBe(true);
});
