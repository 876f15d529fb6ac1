import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultText, OTHER_VARIABLES, titleOf } from '../../../server/configuration/configuration-help.ts';
import { SETTING_GROUPS, SETTINGS } from '../../../server/configuration/settings.ts';

const DOCUMENT = path.resolve('docs/configuration.md');
const MARKED = /(<!-- settings -->\n)[\s\S]*(<!-- end of settings -->)/;

// where this fails: npx vitest run --project unit test/server/configuration/configuration-document.test.ts --update
test('docs/configuration.md lists the settings as they are in the code', async () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toMatch(MARKED);
  const withTables = document.replace(MARKED, (_, begin: string, end: string) => `${begin}\n${tables()}\n${end}`);
  await expect(withTables).toMatchFileSnapshot(DOCUMENT);
});

function tables(): string {
  const groups = SETTING_GROUPS.map((group) => {
    const rows = Object.entries(SETTINGS)
      .filter(([, setting]) => setting.group === group)
      .map(([name, setting]) => {
        const byDefault = defaultText(setting);
        return `| \`${setting.variable}\` | \`${name}\` | ${byDefault === null ? '' : `\`${byDefault}\``} | ${setting.help} |`;
      });
    return [`### ${titleOf(group)}`, '', '| variable | in the file | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
  });
  const others = OTHER_VARIABLES.map(({ variable, help }) => `| \`${variable}\` | ${help} |`);
  return [
    ...groups,
    '### Everywhere',
    '',
    'Read by all commands; not in the file.',
    '',
    '| variable | |',
    '|---|---|',
    ...others,
    '',
  ].join('\n');
}
