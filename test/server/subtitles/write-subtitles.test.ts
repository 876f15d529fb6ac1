import { describe, expect, it } from 'vitest';
import { writeSrt, writeVtt } from '../../../server/subtitles/write-subtitles.ts';

const CUES = [
  { startMs: 0, endMs: 1_500, lines: ['Un sombrero', 'azul.'], readingMs: 1_000 },
  { startMs: 3_723_045, endMs: 3_724_000, lines: ['a --> b <i> & c'], readingMs: 1_000 },
];

describe('subtitles', () => {
  it('are SubRip, with numbers, and no arrow but between times', () => {
    expect(writeSrt(CUES)).toBe(
      '1\n00:00:00,000 --> 00:00:01,500\nUn sombrero\nazul.\n\n2\n01:02:03,045 --> 01:02:04,000\na → b <i> & c\n\n',
    );
  });

  it('are WebVTT, in which text is no markup', () => {
    expect(writeVtt(CUES)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nUn sombrero\nazul.\n\n' +
        '01:02:03.045 --> 01:02:04.000\na → b &lt;i&gt; &amp; c\n\n',
    );
  });

  it('are a whole document even without cues', () => {
    expect(writeSrt([])).toBe('');
    expect(writeVtt([])).toBe('WEBVTT\n\n');
  });
});
