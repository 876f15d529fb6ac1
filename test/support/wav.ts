import wavefile from 'wavefile';

/** 16 kHz, 16 bits; all channels of one length. */
export function wavOf(...channels: readonly Float32Array[]): Uint8Array {
  const file = new wavefile.WaveFile();
  const samples = channels.map((channel) => Float64Array.from(channel, (sample) => Math.round(32_767 * sample)));
  const [only = new Float64Array(0)] = samples;
  file.fromScratch(channels.length, 16_000, '16', channels.length === 1 ? only : samples);
  return file.toBuffer();
}
