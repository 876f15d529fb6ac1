import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../server/observability/create-metrics.ts';

const DOCUMENT = path.resolve('docs/metrics.md');
const MARKED = /(<!-- metrics -->\n)[\s\S]*(<!-- end of metrics -->)/;

interface RegisteredMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

function registered(): readonly RegisteredMetric[] {
  const registry = new Registry();
  createMetrics({ registry });
  // what an instrument is made from stands in it, though prom-client's types do not tell
  return registry.getMetricsAsArray() as unknown as readonly RegisteredMetric[];
}

function table(): string {
  const rows = registered()
    .filter(({ name }) => name.startsWith('flora_asr_'))
    .map(({ name, type, help, labelNames }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
    });
  return ['| metric | type | labels | |', '|---|---|---|---|', ...rows].join('\n');
}

// where this fails: npx vitest run --project unit test/server/observability/metrics-document.test.ts --update
test('docs/metrics.md lists the metrics as they are in the code', async () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toMatch(MARKED);
  const withTable = document.replace(MARKED, (_, begin: string, end: string) => `${begin}\n${table()}\n\n${end}`);
  await expect(withTable).toMatchFileSnapshot(DOCUMENT);
});

test('its queries ask for metrics and labels that there are', () => {
  const metrics = new Map(registered().map((metric) => [metric.name, metric]));
  const queries = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('    '));
  const asked = queries.flatMap((query) => [...query.matchAll(/\b(flora_asr_[a-z_]+)(?:\{([^}]*)\})?/g)]);
  expect(asked.length).toBeGreaterThan(20);
  for (const [, series = '', matchers = ''] of asked) {
    const metric = metrics.get(series) ?? metrics.get(series.replace(/_(bucket|sum|count)$/, ''));
    expect(metric, series).toBeDefined();
    for (const [, label] of matchers.matchAll(/([a-z_]+)[=!]/g)) expect(metric?.labelNames, series).toContain(label);
  }
});

test('the metrics of the process that it names are there', () => {
  const names = registered().map(({ name }) => name);
  const mentioned = [...readFileSync(DOCUMENT, 'utf8').matchAll(/`((?:process|nodejs)_[a-z0-9_]+)`/g)].map(([, name]) => name);
  expect(mentioned.length).toBeGreaterThan(5);
  expect(names).toEqual(expect.arrayContaining(mentioned));
});
