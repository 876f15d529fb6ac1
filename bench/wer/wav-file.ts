import wavefile from 'wavefile';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';

/** A WAV file of one channel, 16 kHz, 16 bits. @param samples in [-1, 1] */
export function wavFile(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const file = new wavefile.WaveFile();
  file.fromScratch(1, SAMPLE_RATE_HZ, '16', toInt16(samples));
  return Uint8Array.from(file.toBuffer());
}

export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}
