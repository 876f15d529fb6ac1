// Holds the imports against .dependency-cruiser.mjs. First a canary: a made-up tree that breaks every
// rule once. dependency-cruiser that cannot read TypeScript reads 0 modules and reports success, and a
// misspelt path in a rule matches nothing; here both are failures.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import config from '../.dependency-cruiser.mjs';
import { ROOT } from './set-up.mjs';

const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const CONFIG = join(ROOT, '.dependency-cruiser.mjs');
const LAYERS = ['kernels', 'adapters', 'asr', 'server', 'client', 'bench', 'examples', 'test'];

/** Each rule's name, with a file that breaks it. */
const OFFENCES = {
  'no-cycles': ['kernels/cycle.ts', "import type { A } from './cycle.ts';\nexport type A = { a: A };"],
  'kernels-know-no-other-layer': ['kernels/upwards.ts', "import '../adapters/module.ts';"],
  'adapters-know-only-kernels': ['adapters/upwards.ts', "import type { A } from '../asr/module.ts';\nexport type B = A;"],
  'asr-knows-only-adapters-and-kernels': ['asr/upwards.ts', "export * from '../server/module.ts';"],
  'server-does-not-know-the-client': ['server/upwards.ts', "import '../client/module.ts';"],
  'commands-know-only-the-sdk': ['client/commands/page.ts', "import '../web/module.ts';"],
  'client-takes-only-types-of-the-protocol': ['client/schema.ts', "import '../server/protocol/module.ts';"],
  'sdk-needs-no-package': ['client/sdk/package.ts', "import 'ws';"],
  'client-knows-only-the-protocol': ['client/sideways.ts', "import '../server/module.ts';"],
  'protocol-stands-alone': ['server/protocol/sideways.ts', "import '../module.ts';"],
  'nothing-imports-bench': ['examples/bench.ts', "await import('../bench/module.ts');"],
  'nothing-imports-test': ['bench/test.ts', "import '../test/module.ts';"],
  'only-session-imports-onnxruntime': ['kernels/runtime.ts', "import type { A } from 'onnxruntime-node';\nexport type B = A;"],
  'only-server-speaks-http': ['asr/listen.ts', "import 'ws';"],
  'client-does-not-serve': ['client/listen.ts', "import 'express';"],
  'ffmpeg-has-one-door': ['server/ffmpeg.ts', "import 'fluent-ffmpeg';"],
  'no-unresolvable': ['kernels/nowhere.ts', "import './nowhere-to-be-found.ts';"],
  'no-development-dependency-in-the-product': ['asr/development.ts', "import 'fast-check';"],
};

/** Breaks no rule: the client and the protocol, a command, and the one door to the runtime. */
const ALLOWED = {
  'client/protocol.ts': "import type { A } from '../server/protocol/module.ts';\nexport type B = A;",
  'client/sdk/module.ts': "import type { A } from 'ws';\nexport type B = A;",
  'client/commands/listen.ts': "import '../sdk/module.ts';\nimport '../../server/module.ts';\nimport '../../asr/module.ts';",
  'kernels/session.ts': "import 'onnxruntime-node';",
  'bench/anything.ts': "import '../server/module.ts';\nimport '../kernels/module.ts';",
};

const problems = [...(await canaryProblems()), ...layerProblems()];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function canaryProblems() {
  const folder = await mkdtemp(join(tmpdir(), 'flora-asr-canary-'));
  try {
    await writeTree(folder);
    const { violations } = cruise(folder);
    const unreported = config.forbidden
      .filter(({ name }) => !violations.some(({ rule, from }) => rule.name === name && from === OFFENCES[name]?.[0]))
      .map(({ name }) => `The rule ${name} does not report ${OFFENCES[name]?.[0] ?? 'anything: give it an offence here'}.`);
    const wronged = violations
      .filter(({ from }) => from in ALLOWED)
      .map(({ rule, from, to }) => `The rule ${rule.name} forbids ${from} → ${to}, which is allowed.`);
    return [...unreported, ...wronged];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function layerProblems() {
  const { totalCruised, violations } = cruise(ROOT);
  if (totalCruised === 0) return ['dependency-cruiser read no module.'];
  process.stdout.write(`${totalCruised} modules read.\n`);
  return violations.map(({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ');
    return `${rule.name}: ${from} → ${path}\n  ${rule.comment ?? commentOf(rule.name)}`;
  });
}

function commentOf(name) {
  return config.forbidden.find((rule) => rule.name === name)?.comment ?? '';
}

/** @returns dependency-cruiser's summary of the layers that lie in a folder */
function cruise(folder) {
  const layers = LAYERS.filter((layer) => existsSync(join(folder, layer)));
  const args = [CRUISER, '--config', CONFIG, '--output-type', 'json', ...layers];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  try {
    return JSON.parse(stdout).summary;
  } catch (cause) {
    throw new Error(`dependency-cruiser failed: ${stderr}${stdout.slice(0, 2_000)}`, { cause });
  }
}

async function writeTree(folder) {
  const packages = ['onnxruntime-node', 'express', 'ws', 'fluent-ffmpeg', 'fast-check'];
  const dependencies = Object.fromEntries(packages.slice(0, -1).map((name) => [name, '1.0.0']));
  const manifest = { name: 'canary', type: 'module', dependencies, devDependencies: { 'fast-check': '1.0.0' } };
  const files = {
    'package.json': JSON.stringify(manifest),
    'tsconfig.json': '{"compilerOptions":{"module":"NodeNext","allowImportingTsExtensions":true,"noEmit":true}}',
    ...Object.fromEntries(LAYERS.map((layer) => [`${layer}/module.ts`, 'export type A = number;'])),
    'server/protocol/module.ts': 'export type A = number;',
    'client/web/module.ts': 'export type A = number;',
    ...ALLOWED,
    ...Object.fromEntries(Object.values(OFFENCES)),
  };
  for (const name of packages) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({
      name,
      version: '1.0.0',
      main: 'index.js',
      types: 'index.d.ts',
    });
    files[`node_modules/${name}/index.js`] = '';
    files[`node_modules/${name}/index.d.ts`] = 'export type A = number;';
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
