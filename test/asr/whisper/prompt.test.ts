import { describe, expect, it } from 'vitest';
import type { TokenId, WhisperConfig } from '../../../asr/whisper/config.ts';
import { languageToken, promptTokens } from '../../../asr/whisper/prompt.ts';
import { codeOf } from '../../adapters/sample-adapters.ts';
import { TINY } from '../../support/tiny-whisper.ts';

/** Languages as Whisper spells them, its old codes `he`, `jw`, `no` and `tl` among them. */
const LANGUAGES = ['en', 'es', 'el', 'zh', 'he', 'id', 'jw', 'no', 'nn', 'tl', 'haw', 'pt', 'sr'];
const config: WhisperConfig = {
  ...TINY,
  languageTokens: new Map(LANGUAGES.map((language, index) => [language, (100 + index) as TokenId])),
};
const languageOf = (tag: string) => LANGUAGES[languageToken(config, tag) - 100];

describe('languageToken', () => {
  it('goes by the primary language: region and script play no part', () => {
    expect(['es', 'es-419', 'ES-mx', 'pt-BR', 'zh-Hant-TW', 'sr-Latn', 'haw-US'].map(languageOf)).toEqual([
      'es',
      'es',
      'es',
      'pt',
      'zh',
      'sr',
      'haw',
    ]);
  });

  it('knows the codes that Whisper has under another code of its own', () => {
    expect(['nb', 'nb-NO', 'no', 'nn', 'iw', 'he', 'in', 'id', 'jv', 'jw', 'fil', 'tl', 'cmn-Hans'].map(languageOf)).toEqual([
      'no',
      'no',
      'no',
      'nn',
      'he',
      'he',
      'id',
      'id',
      'jw',
      'jw',
      'tl',
      'tl',
      'zh',
    ]);
  });

  it('refuses a language the model does not know, and lists those it knows', () => {
    expect(codeOf(() => languageToken(config, 'tlh'))).toBe('language_unknown');
    expect(() => languageToken(config, 'tlh')).toThrow(
      /does not know the language "tlh"\. It knows: el en es haw he id jw nn no pt sr tl zh\./,
    );
  });

  it('refuses what is no language tag', () => {
    for (const tag of ['', 'e', 'spanish_MX', '<|es|>', 'toString', '*', 'es-', '__proto__']) {
      expect(
        codeOf(() => languageToken(config, tag)),
        tag,
      ).toBe('language_unknown');
    }
    expect(() => languageToken(config, 'español')).toThrow(/"español" is not a BCP-47 language tag/);
  });
});

describe('promptTokens', () => {
  it('is start-of-transcript, the language, the task and no-timestamps', () => {
    const greek = languageToken(TINY, 'el-GR');
    expect(promptTokens(TINY, greek)).toEqual([41, 42, 51, 54]);
    expect(promptTokens(TINY, greek, 'translate')).toEqual([41, 42, 50, 54]);
  });
});
