import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPrompts, parsePromptList } from '../../../bench/corpora/asterisk-prompts.ts';

describe('a list of prompts', () => {
  const russian = (line: string) => [...parsePromptList(line, 'ru').values()][0];

  it('gives their texts by name, without comments', () => {
    const list = '; Core Asterisk Sounds\n\nvm-INBOX: новых \r\nfollowme/sorry:Извините,  нельзя.\nno colon\n';
    expect([...parsePromptList(list, 'ru')]).toEqual([
      ['vm-INBOX', { text: 'новых' }],
      ['followme/sorry', { text: 'Извините, нельзя.' }],
    ]);
  });

  it('leaves out what is no speech, and what is spelled out', () => {
    for (const line of ['beep: [this is a beep]', 'beep: (beep)', 'beep: <beep ascending>', 'silence/1: (1 second)']) {
      expect(russian(line)).toEqual({ leftOut: 'notSpeech' });
    }
    for (const line of ['digits/1: один', 'letters/at: at [@]', 'phonetic/a_p: Альфа', 'spy-iax2: ИАКС']) {
      expect(russian(line)).toEqual({ leftOut: 'notSentence' });
    }
    expect(russian('is:')).toEqual({ leftOut: 'noText' });
  });

  it('keeps what is said in brackets, not how it is said, nor signs', () => {
    expect(russian('vm-msgsaved: Il [suo] messaggio.')).toEqual({ text: 'Il suo messaggio.' });
    expect(russian('for: Pour (emphase)')).toEqual({ text: 'Pour' });
    expect(russian('vm-intro: Dopo il segnale. (produrre un beep).')).toEqual({ text: 'Dopo il segnale.' });
    expect(russian('vm-review: пометку (статус) «важно»')).toEqual({ text: 'пометку (статус) «важно»' });
    expect(russian('x: Плюс [+]')).toEqual({ text: 'Плюс' });
  });

  it('does not take a name for text, where it is repeated, or lines were run together', () => {
    expect(russian('conf-adminmenu: conf-adminmenu: Нажмите 1')).toEqual({ text: 'Нажмите 1' });
    const list = 'vm-sorry: Désolé.vm-tocancel: ou annulez: dièse. vm-and: et';
    expect([...parsePromptList(list, 'fr')]).toEqual([
      ['vm-sorry', { text: 'Désolé.' }],
      ['vm-tocancel', { text: 'ou annulez: dièse.' }],
      ['vm-and', { text: 'et' }],
    ]);
  });

  it('gets back the accents that the Spanish and French lists lack', () => {
    const spanish = 'a: Esta usted en la conferencia numero 2. Si esta es la extension, ingese su contrasena.';
    expect(parsePromptList(spanish, 'es').get('a')).toEqual({
      text: 'Está usted en la conferencia número 2. Si esta es la extensión, ingrese su contraseña.',
    });
    expect(parsePromptList('a: Numero de telephone', 'fr').get('a')).toEqual({ text: 'Numéro de téléphone' });
  });
});

describe('the prompts below an unpacked folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-prompts-'));
    const voice = join(folder, 'usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU');
    await mkdir(join(voice, 'followme'), { recursive: true });
    for (const name of ['followme/sorry.g722', 'beep.g722', 'more.g722', 'beep.wav']) await writeFile(join(voice, name), '');
    await mkdir(join(folder, 'usr/share/asterisk/sounds/custom'));
    const documents = join(folder, 'usr/share/doc/asterisk-core-sounds-ru');
    await mkdir(documents, { recursive: true });
    const list = 'beep: [beep]\nfollowme/sorry: Извините.\n';
    await writeFile(join(documents, 'core-sounds-ru.txt.gz'), gzipSync(list));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('are its G.722 recordings, with voice and text', async () => {
    const prompts = await findPrompts(folder);
    expect(prompts.map(({ prompt, text }) => [prompt, text])).toEqual([
      ['beep', { leftOut: 'notSpeech' }],
      ['followme/sorry', { text: 'Извините.' }],
      ['more', { leftOut: 'noText' }],
    ]);
    expect(prompts[1]).toMatchObject({ language: 'ru', speaker: 'ru_RU_f_IvrvoiceRU' });
  });
});
