import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { checkListening } from './check-listening.ts';
import { checkTls } from './check-tls.ts';
import { type GivenSettings, givenInEnvironment, givenInFile } from './given-settings.ts';
import { readApiKeys } from './read-api-keys.ts';
import { SETTINGS, type ServerConfiguration, type SettingName } from './settings.ts';

export interface ConfigurationSources {
  readonly env: NodeJS.ProcessEnv;
  /** a JSON file; the one that `FLORA_ASR_CONFIG` names if left out */
  readonly file?: string;
}

/**
 * The settings: from the environment, else from the file, else their defaults. An empty variable counts as not set.
 * @throws FloraAsrError `configuration_invalid`, with everything that is wrong, a line each
 */
export function loadConfiguration({
  env,
  file = env['FLORA_ASR_CONFIG'] || undefined,
}: ConfigurationSources): ServerConfiguration {
  const problems: string[] = [];
  const given: GivenSettings = {
    ...(file === undefined ? {} : givenInFile(file, problems)),
    ...givenInEnvironment(env),
  };
  const { host: givenHost, tlsCert, tlsKey, apiKeys: entries, apiKeysFile, ...rest } = parse(given, problems);
  const apiKeys = readApiKeys({ entries, entriesFrom: given.apiKeys?.from ?? 'API_KEYS', file: apiKeysFile }, problems);
  const host = givenHost ?? (apiKeys.length > 0 ? '0.0.0.0' : '127.0.0.1');
  const tls = checkTls({ tlsCert, tlsKey }, problems);
  // whether there are keys is known only once all of them could be read
  if (problems.length === 0) checkListening({ host, apiKeys, requireKeys: rest.requireKeys }, problems);
  if (problems.length > 0) throw invalid(problems);
  return { ...rest, threads: rest.threads, host, tls, apiKeys };
}

const SHAPE = Object.fromEntries(Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema])) as {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name]['schema'];
};
const VALUES = z.object(SHAPE);

/** A value that is wrong is told, and counts as not set, so that the others can be checked as well. */
function parse(given: GivenSettings, problems: string[]): z.output<typeof VALUES> {
  const names = Object.keys(given) as SettingName[];
  const raw = Object.fromEntries(names.map((name) => [name, given[name]?.value]));
  const parsed = VALUES.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const name of names) {
    // each issue says all that would be right, so one is enough
    const issue = parsed.error.issues.find(({ path }) => path[0] === name);
    if (issue === undefined) continue;
    const shown = SETTINGS[name].secret ? '' : `is ${JSON.stringify(raw[name])}; it `;
    problems.push(`${given[name]?.from} ${shown}${issue.message}.`);
    delete raw[name];
  }
  return VALUES.parse(raw);
}

function invalid(problems: readonly string[]): FloraAsrError {
  const [only = '', ...others] = problems;
  const message =
    others.length === 0
      ? only
      : `${problems.length} things are wrong with the configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`;
  return new FloraAsrError('configuration_invalid', message);
}
