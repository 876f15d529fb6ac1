import { readFileSync } from 'node:fs';
import { nearestName } from './nearest-name.ts';
import { SETTINGS, type SettingName } from './settings.ts';

/** What somebody has set, unchecked, and where: `PORT`, or `port in flora-asr.json`. */
export type GivenSettings = { readonly [Name in SettingName]?: { readonly value: unknown; readonly from: string } };

const NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Variables that are no settings of ours cannot be told from those of other programs, and are left alone. */
export function givenInEnvironment(env: NodeJS.ProcessEnv): GivenSettings {
  const given = NAMES.flatMap((name) => {
    const { variable } = SETTINGS[name];
    const value = env[variable];
    return value === undefined || value === '' ? [] : [[name, { value, from: variable }]];
  });
  return Object.fromEntries(given);
}

/** @param problems where to say that the file cannot be read, and which of its keys are no settings */
export function givenInFile(file: string, problems: string[]): GivenSettings {
  const content = readObject(file, problems);
  const given = Object.entries(content).flatMap(([key, value]) => {
    if (isName(key)) return [[key, { value, from: `${key} in ${file}` }]];
    problems.push(`${file} sets "${key}", which is no setting; ${suggestion(key)}`);
    return [];
  });
  return Object.fromEntries(given);
}

function isName(key: string): key is SettingName {
  return Object.hasOwn(SETTINGS, key);
}

/** Whoever writes the variable's name into the file means the setting too. */
function suggestion(key: string): string {
  const byVariable = NAMES.find((name) => SETTINGS[name].variable === key.toUpperCase());
  const nearest = byVariable ?? nearestName(key, NAMES);
  return nearest === null ? 'npm start -- --help lists them.' : `did you mean "${nearest}"?`;
}

function readObject(file: string, problems: string[]): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    problems.push(`The configuration file cannot be read (FLORA_ASR_CONFIG): ${(cause as Error).message}.`);
    return {};
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Record<string, unknown>;
    problems.push(`${file} must hold one JSON object, such as {"port": 8080}.`);
  } catch {
    // not JSON.parse's message: it quotes the text, and there may be keys in it
    problems.push(`${file} is no JSON; it must hold one object, such as {"port": 8080}.`);
  }
  return {};
}
