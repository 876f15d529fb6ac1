import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { spellFrench, spellSpanish } from './asterisk-spelling.ts';
import { byCodeUnit } from './corpus.ts';
import type { LeftOutReason } from './packed-corpus.ts';

/** The languages in which Asterisk's prompts were recorded. */
export const ASTERISK_LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const;
export type AsteriskLanguage = (typeof ASTERISK_LANGUAGES)[number];

/** A prompt's text, or why it has none to recognise. */
export type PromptText = { readonly text: string } | { readonly leftOut: LeftOutReason };

export interface PromptRecording {
  readonly language: AsteriskLanguage;
  /** its name in the list, e.g. `followme/sorry` */
  readonly prompt: string;
  /** the folder of its voice, e.g. `es_MX_f_Allison` */
  readonly speaker: string;
  readonly file: string;
  readonly text: PromptText;
}

const SOUNDS = 'usr/share/asterisk/sounds';
const VOICE = new RegExp(`^(${ASTERISK_LANGUAGES.join('|')})_[A-Z]{2}_`);
const RECORDING = '.g722';

/** All recordings below an unpacked folder, by path. */
export async function findPrompts(folder: string): Promise<readonly PromptRecording[]> {
  const voices = await readdir(join(folder, SOUNDS)).catch(() => []);
  const recordings: PromptRecording[] = [];
  for (const speaker of [...voices].sort(byCodeUnit)) {
    const language = VOICE.exec(speaker)?.[1] as AsteriskLanguage | undefined;
    if (language === undefined) continue;
    const texts = parsePromptList(await readList(folder, language), language);
    const voiceFolder = join(folder, SOUNDS, speaker);
    const names = (await readdir(voiceFolder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
    for (const name of names.filter((path) => path.endsWith(RECORDING)).sort(byCodeUnit)) {
      const prompt = name.slice(0, -RECORDING.length);
      const text = texts.get(prompt) ?? { leftOut: 'noText' };
      recordings.push({ language, prompt, speaker, file: join(voiceFolder, name), text });
    }
  }
  return recordings;
}

async function readList(folder: string, language: AsteriskLanguage): Promise<string> {
  const name = `core-sounds-${language}.txt`;
  const path = join(folder, 'usr/share/doc', `asterisk-${basename(name, '.txt')}`, name);
  const packed = await readFile(`${path}.gz`).catch(() => null);
  if (packed !== null) return (await promisify(gunzip)(packed)).toString('utf8');
  return readFile(path, 'utf8').catch(() => '');
}

/** A name at the begin of a line; or within one, where the lists have run lines together. */
const NAME = /(?:^(?<first>[\w/-]+)|(?<=[\s.])(?<further>[a-z]+-[\w/-]+)):/g;

/** Reads a list of prompts: lines `NAME: text`, comments after `;`. */
export function parsePromptList(list: string, language: AsteriskLanguage): ReadonlyMap<string, PromptText> {
  const texts = new Map<string, PromptText>();
  for (const line of list.split(/\r?\n/)) {
    const names = [...line.matchAll(NAME)];
    if (names[0]?.groups?.['first'] === undefined) continue;
    for (const [i, { 0: matched, index, groups }] of names.entries()) {
      const prompt = groups?.['first'] ?? groups?.['further'] ?? '';
      const text = promptText(prompt, line.slice(index + matched.length, names[i + 1]?.index), language);
      const known = texts.get(prompt);
      // the Russian list repeats a name before its text
      if (known === undefined || !('text' in known)) texts.set(prompt, text);
    }
  }
  return texts;
}

const WHOLLY_BRACKETED = /^[[(<][^\])>]*[\])>]$/;
/** letters and numbers, and the names of telephone protocols */
const SPELLED_OUT = /^(?:digits\/|letters\/|phonetic\/|spy-)/;

function promptText(prompt: string, listed: string, language: AsteriskLanguage): PromptText {
  const text = withoutNotes(listed);
  if (WHOLLY_BRACKETED.test(listed.trim()) || prompt.startsWith('silence/')) return { leftOut: 'notSpeech' };
  if (SPELLED_OUT.test(prompt)) return { leftOut: 'notSentence' };
  if (!/\p{L}/u.test(text)) return { leftOut: 'noText' };
  return { text: respelt(text, language) };
}

function respelt(text: string, language: AsteriskLanguage): string {
  if (language === 'es') return spellSpanish(text);
  return language === 'fr' ? spellFrench(text) : text;
}

/** In parentheses, and said all the same. */
const SAID = /\((?:статус|ne m'appelez plus, jamais)\)/;

/**
 * The text without its writers' notes. What is in parentheses describes how a prompt sounds, but for a few; what is in
 * square brackets is said, but for signs: `Ваш [новый] номер`, `at [@]`.
 */
function withoutNotes(listed: string): string {
  return listed
    .replace(/\[[^\p{L}\p{N}\]]*\]/gu, ' ')
    .replace(/[[\]]/g, ' ')
    .replace(/\([^)]*\)\.?/g, (note) => (SAID.test(note) ? note : ' '))
    .replace(/[“”"]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
