// All static checks, a line each, and the output of those that failed.
import './require-node.mjs';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './set-up.mjs';

const CHECKS = [
  { name: 'types', says: 'TypeScript compiles', command: () => [bin('typescript', 'tsc'), '--noEmit'] },
  {
    name: 'page',
    says: 'TypeScript compiles the web page, for browsers',
    command: () => [bin('typescript', 'tsc'), '-p', join(ROOT, 'client', 'web')],
  },
  {
    name: 'format',
    says: 'Biome: format, import order, lint',
    command: ({ fix }) => [bin('@biomejs/biome'), 'check', '--error-on-warnings', ...(fix ? ['--write'] : [])],
  },
  {
    name: 'promises',
    says: 'oxlint with types: floating and misused promises, and what else needs types',
    command: () => [bin('oxlint'), '--type-aware', '--deny-warnings'],
  },
  {
    name: 'layers',
    says: 'dependency-cruiser: imports go one way, without cycles',
    command: () => [join(ROOT, 'scripts', 'check-layers.mjs')],
  },
  { name: 'unused', says: 'knip: no unused file, export or dependency', command: () => [bin('knip'), '--no-config-hints'] },
];

const HELP = `Static checks.

Usage: npm run check -- [CHECK...] [options]

Checks (all of them, unless some are named):
${CHECKS.map(({ name, says }) => `  ${name.padEnd(10)}${says}`).join('\n')}

Options:
  --fix       let Biome format, sort imports and apply its safe fixes
  --help      this text
`;

/** tsc and oxlint keep a core each busy. */
const AT_ONCE = 2;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code */
async function main(args) {
  let options;
  try {
    options = parse(args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const waiting = [...options.checks];
  const failures = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const result = await run(check.command(options));
      const seconds = `${(result.elapsedMs / 1_000).toFixed(1)} s`;
      process.stdout.write(
        `${result.ok ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(10)}${seconds.padStart(7)}  ${check.says}\n`,
      );
      if (!result.ok) failures.push({ ...check, output: result.output });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const { name, output } of failures) process.stdout.write(`\n── ${name} ──\n${output.trimEnd()}\n`);
  return failures.length === 0 ? 0 : 1;
}

function parse(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { fix: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) {
    throw new Error(`No check is called ${unknown.join(', ')}; known: ${CHECKS.map(({ name }) => name).join(', ')}`);
  }
  return { ...values, checks: positionals.length === 0 ? CHECKS : CHECKS.filter(({ name }) => positionals.includes(name)) };
}

function run(command) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => output.push(Buffer.from(error.message)));
    child.once('close', (code) => {
      resolve({ ok: code === 0, elapsedMs: performance.now() - startedMs, output: Buffer.concat(output).toString() });
    });
  });
}

/** The JavaScript file behind a package's command. */
function bin(name, command = name.replace(/^@.*[/]/, '')) {
  const folder = join(ROOT, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command]);
}
