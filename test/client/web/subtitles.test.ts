import { describe, expect, it } from 'vitest';
import { srtOf, vttOf } from '../../../client/web/captions/subtitles.ts';

const CUES = [
  { text: 'El sombrero de un estudiante universitario es negro.', start: 0.4, end: 3.25 },
  { text: 'a < b & c --> d', start: 3_661.5, end: 3_662 },
];

describe('subtitles', () => {
  it('as SubRip are numbered, have commas in their times, and lines that are not too long', () => {
    expect(srtOf(CUES)).toBe(
      '1\n00:00:00,400 --> 00:00:03,250\nEl sombrero de un estudiante universitario\nes negro.\n\n' +
        '2\n01:01:01,500 --> 01:01:02,000\na < b & c --> d\n',
    );
  });

  it('as WebVTT have a head, and no text that would be read as markup', () => {
    expect(vttOf(CUES)).toBe(
      'WEBVTT\n\n00:00:00.400 --> 00:00:03.250\nEl sombrero de un estudiante universitario\nes negro.\n\n' +
        '01:01:01.500 --> 01:01:02.000\na &lt; b &amp; c --&gt; d\n',
    );
  });

  it('of nothing are empty', () => {
    expect([srtOf([]), vttOf([])]).toEqual(['', 'WEBVTT\n']);
  });
});
