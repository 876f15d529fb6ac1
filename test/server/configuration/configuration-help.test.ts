import { expect, test } from 'vitest';
import { configurationHelp } from '../../../server/configuration/configuration-help.ts';
import { SETTINGS } from '../../../server/configuration/settings.ts';

test('the help has every setting once, with its default', () => {
  const lines = configurationHelp().split('\n');
  for (const { variable } of Object.values(SETTINGS)) {
    expect(lines.filter((line) => line.startsWith(`  ${variable} `))).toHaveLength(1);
  }
  expect(lines).toContain('  DRAIN_SECONDS             after SIGTERM, for what was accepted to be answered; default 30');
});

test('the help has the variables that are read elsewhere', () => {
  for (const variable of [
    'FLORA_ASR_CONFIG',
    'FLORA_ASR_CACHE',
    'FLORA_ASR_WEIGHT_SOURCES',
    'HF_ENDPOINT',
    'FLORA_ASR_FFMPEG',
  ]) {
    expect(configurationHelp()).toContain(`\n  ${variable} `);
  }
});

test('the help fits 100 columns, and no variable runs into its text', () => {
  for (const line of configurationHelp().split('\n')) {
    expect(line.length).toBeLessThanOrEqual(100);
    expect(line).toMatch(/^(|\S.*| {2}[A-Z_]+ +.*| {28}\S.*)$/);
  }
});
