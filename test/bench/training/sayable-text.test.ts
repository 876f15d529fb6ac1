import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sayableText } from '../../../bench/training/sayable-text.ts';

describe('a text as the decoder may write it', () => {
  it.each([
    ['Un paó reial albí (una femella).', 'Un paó reial albí una femella.'],
    ['Une paonne (la femelle du paon) albinos.', 'Une paonne la femelle du paon albinos.'],
    ['Dis "Cheese" !', 'Dis Cheese !'],
    ['Αβαλόνη - το αυτί της θάλασσας.', 'Αβαλόνη, το αυτί της θάλασσας.'],
    ['Tux : la mascotte de Linux !', 'Tux, la mascotte de Linux !'],
    ['Διασταύρωση μπροστά! Ποιο δρόμο;', 'Διασταύρωση μπροστά! Ποιο δρόμο'],
    ['-- Parce que ...', 'Parce que ...'],
    ['Калкулатор.  6x7=42', 'Калкулатор. 6x7 42'],
    ["'Корен' от", "Корен' от"],
    ['a les dos(two) en punt: 10:30', 'a les dos two en punt, 10 30'],
    ['<|endoftext|>', 'endoftext'],
    ['♪ «Λόρικιτ-ουράνιο τόξο» ♪', '«Λόρικιτ-ουράνιο τόξο»'],
    ['L’eau, c’est 1,5 m.', 'L’eau, c’est 1,5 m.'],
    [' ( ) ', ''],
  ])('of %j is %j', (text, said) => {
    expect(sayableText(text)).toBe(said);
  });

  it('stays as it is the second time', () => {
    const signs = fc.string({ unit: fc.constantFrom(...'ab ,.:;-()"\'=!?… '), maxLength: 20 });
    fc.assert(
      fc.property(signs, (text) => {
        expect(sayableText(sayableText(text))).toBe(sayableText(text));
      }),
    );
  });
});
