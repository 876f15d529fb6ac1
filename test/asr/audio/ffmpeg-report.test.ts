import { describe, expect, it } from 'vitest';
import { createFfmpegReport } from '../../../asr/audio/ffmpeg-report.ts';

function reportOf(lines: readonly string[]) {
  const { read, report } = createFfmpegReport('file:/home/ana/secret.ogg');
  for (const line of lines) read(line);
  return report();
}

const OLD = [
  "Input #0, ogg, from 'file:/home/ana/secret.ogg':",
  '  Duration: 00:00:01.14, start: 0.000000, bitrate: 151 kb/s',
  '    Stream #0:0: Audio: vorbis, 44100 Hz, stereo, fltp, 160 kb/s',
  'Stream mapping:',
  '  Stream #0:0 -> #0:0 (vorbis (native) -> pcm_f32be (native))',
  "Output #0, au, to 'pipe:1':",
  '    Stream #0:0: Audio: pcm_f32be ([6][0][0][0] / 0x0006), 16000 Hz, stereo, flt, 1024 kb/s',
];
const NEW = [
  "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/home/ana/secret.ogg':",
  '  Duration: 01:02:03.50, start: 0.500000, bitrate: 136 kb/s',
  '  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 320x240, 25 fps',
  '  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 128 kb/s (default)',
  'Stream mapping:',
];

describe("ffmpeg's report", () => {
  it('tells streams and stated duration, in the words of old and new versions', () => {
    expect(reportOf(OLD)).toEqual({ opened: true, streams: 1, audioStreams: 1, statedDurationMs: 1140, complaint: '' });
    expect(reportOf(NEW)).toEqual({ opened: true, streams: 2, audioStreams: 1, statedDurationMs: 3_723_000, complaint: '' });
  });

  it('does not take a guessed or unknown duration for a stated one', () => {
    const guess = '[mp3 @ 0x1] Estimating duration from bitrate, this may be inaccurate';
    expect(reportOf([guess, ...OLD]).statedDurationMs).toBeUndefined();
    expect(reportOf([OLD[0] ?? '', '  Duration: N/A, bitrate: 128 kb/s']).statedDurationMs).toBeUndefined();
  });

  it('is not fooled by a tag of the file that looks like a line of its own', () => {
    const tag = '    title           : x\n    Duration: 09:00:00.00, start: 0'.split('\n');
    expect(reportOf([OLD[0] ?? '', ...tag, ...OLD.slice(1)]).statedDurationMs).toBe(1140);
  });

  it('keeps the last two complaints, without paths and addresses', () => {
    const { opened, complaint } = reportOf([
      '[mov,mp4 @ 0x7f00] one of many',
      '[mov,mp4 @ 0x7f00] moov atom not found',
      'file:/home/ana/secret.ogg: Invalid data found when processing input',
      'Conversion failed!',
    ]);
    expect(opened).toBe(false);
    expect(complaint).toBe('[mov,mp4] moov atom not found; input: Invalid data found when processing input');
    const { complaint: newer } = reportOf([
      '[mov,mp4 @ 0x7f00] moov atom not found',
      '[in#0 @ 0x7f01] Error opening input: Invalid data found when processing input',
      'Error opening input file file:/home/ana/secret.ogg.',
      'Error opening input files: Invalid data found when processing input',
    ]);
    expect(newer).toBe('[mov,mp4] moov atom not found; [in#0] Error opening input: Invalid data found when processing input');
    expect(reportOf([`/home/ana/secret.ogg ${'x'.repeat(500)}`]).complaint).toHaveLength(201);
  });
});
