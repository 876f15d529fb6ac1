import { describe, expect, it } from 'vitest';
import { plainText } from '../../../server/deepgram/plain-text.ts';

describe('plain text', () => {
  it.each([
    ['en', 'Well, it’s 3.5 e-mails — “nice”!', 'well it’s 3.5 e-mails nice'],
    ['es', '¿Qué? ¡Un sombrero azul!', 'qué un sombrero azul'],
    ['fr', "L'heure, c'est l'heure…", "l'heure c'est l'heure"],
    ['el', 'Ο ΔΡΟΜΟΣ.', 'ο δρομος'],
    ['tr', 'IŞIK', 'ışık'],
    ['en', '50% of 5°, please', '50% of 5° please'],
    ['zh', '你好，世界。', '你好 世界'],
    ['mr', 'मी, आणि तू.', 'मी आणि तू'],
    ['en', '...', ''],
    ['not a tag', 'Yes.', 'yes'],
  ])('of %s: %s', (language, text, plain) => {
    expect(plainText(text, language)).toBe(plain);
  });
});
