import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileSegment } from '../../../asr/files/recognise-file.ts';
import { type Cue, cutCues, LONGEST_CUE_MS, SHORTEST_CUE_MS } from '../../../server/subtitles/cut-cues.ts';
import { textWidth } from '../../../server/subtitles/text-width.ts';
import { segmentOf } from './segment-of.ts';

/** Words of a language with blanks, each as long as its letters. */
function spoken(text: string, { startMs = 0, letterMs = 60, channel = 0 } = {}): FileSegment {
  let now = 0;
  const words = text.split(' ').map((word, index) => {
    const from = now;
    now += letterMs * word.length;
    return { text: index === 0 ? word : ` ${word}`, startMs: from, endMs: now };
  });
  return segmentOf({ words, startMs, channel });
}

const LONG =
  'The beach was a popular spot on a hot summer day. People were swimming in the ocean, building sandcastles, ' +
  'and playing beach volleyball.';

/** What holds for any subtitles. */
function checkCues(cues: readonly Cue[]): void {
  for (const [index, { startMs, endMs, lines }] of cues.entries()) {
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(2);
    for (const line of lines) {
      expect(textWidth(line)).toBeLessThanOrEqual(42);
      expect(line).toBe(line.trim());
      expect(line).not.toBe('');
    }
    expect(endMs - startMs).toBeGreaterThanOrEqual(SHORTEST_CUE_MS);
    expect(endMs - startMs).toBeLessThanOrEqual(LONGEST_CUE_MS);
    expect(startMs).toBeGreaterThanOrEqual(cues[index - 1]?.endMs ?? 0);
    expect([startMs, endMs].every(Number.isInteger)).toBe(true);
  }
}

const textOf = (cues: readonly Cue[]) => cues.flatMap(({ lines }) => lines).join(' ');

describe('cues', () => {
  it('are one where all of it can be read at once, in the time in which it is said', () => {
    const [only, ...others] = cutCues([spoken('Un sombrero azul, muy bonito.', { startMs: 300 })]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ startMs: 300, lines: ['Un sombrero azul, muy bonito.'] });
  });

  it('are cut at words, with the ends of sentences and clauses before all others', () => {
    const cues = cutCues([spoken(LONG)]);
    checkCues(cues);
    expect(cues.map(({ lines }) => lines)).toEqual([
      ['The beach was a popular', 'spot on a hot summer day.'],
      ['People were swimming in the', 'ocean, building sandcastles,'],
      ['and playing beach volleyball.'],
    ]);
    expect(textOf(cues)).toBe(LONG);
  });

  it('begin with the first of their words, and end with the last, or later, but for the next one', () => {
    const cues = cutCues([spoken(LONG, { startMs: 5_000, letterMs: 90 })]);
    checkCues(cues);
    expect(cues[1]?.startMs).toBe(5_000 + 90 * 'Thebeachwasapopularspotonahotsummerday.'.length);
    expect(cues[0]?.endMs).toBeLessThanOrEqual(cues[1]?.startMs ?? 0);
  });

  it('stay for as long as a reader needs, into the pause behind them', () => {
    const yes = spoken('Sí.', { startMs: 1_000 });
    expect(cutCues([yes])[0]).toMatchObject({ startMs: 1_000, endMs: 2_000 });
    const fast = spoken('Una frase que se ha dicho muy deprisa', { startMs: 1_000, letterMs: 10 });
    expect(cutCues([fast])[0]?.endMs).toBeGreaterThan(3_000);
    const [first, second] = cutCues([fast, spoken('y otra', { startMs: 2_500 })]);
    expect([first?.endMs, second?.startMs]).toEqual([2_500, 2_500]);
  });

  it('follow one another where people speak at once, and none is lost', () => {
    const segments = [
      spoken('Yo digo algo.', { startMs: 0 }),
      spoken('¿Qué?', { startMs: 200, channel: 1 }),
      spoken('Eso mismo.', { startMs: 300, channel: 0 }),
    ];
    const cues = cutCues(segments);
    checkCues(cues);
    expect(cues.map(({ lines }) => lines[0])).toEqual(['Yo digo algo.', '¿Qué?', 'Eso mismo.']);
  });

  it('are cut in scripts without blanks, whose characters are wide', () => {
    const chinese = [...'今天的天气非常好，我们一起去公园散步，看到了很多漂亮的花和可爱的小鸟，大家都很开心。'];
    const words = chinese.map((text, index) => ({ text, startMs: 200 * index, endMs: 200 * index + 200 }));
    const cues = cutCues([segmentOf({ words })]);
    checkCues(cues);
    expect(cues.flatMap(({ lines }) => lines).join('')).toBe(chinese.join(''));
    expect(cues.length).toBeGreaterThan(1);
  });

  it('are cut in scripts from right to left, in the order in which they are read', () => {
    const arabic = 'كان الطقس جميلا جدا اليوم، وذهبنا معا إلى الحديقة لنرى الأزهار والطيور الصغيرة، وكان الجميع سعداء.';
    const cues = cutCues([spoken(arabic)]);
    checkCues(cues);
    expect(textOf(cues)).toBe(arabic);
  });

  it('cut a word that is wider than a line', () => {
    const cues = cutCues([spoken(`Es un ${'ja'.repeat(50)} largo`)]);
    checkCues(cues);
    expect(textOf(cues).replaceAll(' ', '')).toBe(`Esun${'ja'.repeat(50)}largo`);
  });

  it('spread words without times over their utterance', () => {
    const cues = cutCues([{ ...segmentOf({ words: null, text: LONG }), startMs: 1_000, endMs: 11_000 }]);
    checkCues(cues);
    expect(cues[0]?.startMs).toBe(1_000);
    expect(textOf(cues)).toBe(LONG);
  });

  it('are none of silence, and of what has no words', () => {
    expect(cutCues([])).toEqual([]);
    expect(cutCues([segmentOf({ words: [], text: '' }), segmentOf({ words: null, text: '' })])).toEqual([]);
  });

  it('hold to their limits whatever is said', () => {
    const word = fc.record({
      text: fc.oneof(
        fc.string({ minLength: 1, maxLength: 12 }),
        fc.constantFrom('日本語', 'no,', 'fin.', '👩‍👩‍👧', 'x'.repeat(90)),
      ),
      blank: fc.boolean(),
      pauseMs: fc.integer({ min: 0, max: 900 }),
      durationMs: fc.integer({ min: 0, max: 9_000 }),
    });
    const utterance = fc.record({
      words: fc.array(word, { maxLength: 30 }),
      startMs: fc.integer({ min: 0, max: 60_000 }),
      channel: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(utterance, { maxLength: 4 }), (utterances) => {
        const segments = utterances.map(({ words, ...rest }) => {
          let now = 0;
          const timed = words.map(({ text, blank, pauseMs, durationMs }) => {
            const startMs = now + pauseMs;
            now = startMs + durationMs;
            return { text: blank ? ` ${text}` : text, startMs, endMs: now };
          });
          return segmentOf({ words: timed, ...rest });
        });
        const cues = cutCues(segments);
        checkCues(cues);
        const letters = (text: string) => [...text.replaceAll(/\s/gu, '')].sort().join('');
        expect(letters(textOf(cues))).toBe(letters(segments.map(({ result }) => result.text).join('')));
      }),
      { numRuns: 60 },
    );
  });
});
