#!/usr/bin/env node
// flora-asr COMMAND [arguments]: from dist/ if it is built, else from the TypeScript, in this same process.
import '../scripts/require-node.mjs';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const COMMANDS = {
  serve: { folder: 'server', says: 'the service: WebSocket streams and files' },
  listen: { folder: 'client', says: 'captions of a microphone, a pipe or a file' },
  transcribe: { folder: 'client', says: 'words of recordings' },
  models: { folder: 'server', says: "Whisper's weights: list, pull, verify" },
};

const HELP = `Multilingual speech recognition: Whisper, every row of a shared batch with its own adapter.

Usage: flora-asr COMMAND [arguments]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { says }]) => `  ${name.padEnd(12)}${says}`)
  .join('\n')}

flora-asr COMMAND --help tells more.
`;

const [command, ...args] = process.argv.slice(2);
if (command === undefined || command === '--help' || command === '-h') {
  process.stdout.write(HELP);
  process.exitCode = command === undefined ? 2 : 0;
} else if (!Object.hasOwn(COMMANDS, command)) {
  process.stderr.write(`No command is called ${command}; ${Object.keys(COMMANDS).join(', ')} are.\n`);
  process.exitCode = 2;
} else {
  await run(command);
}

async function run(name) {
  const module = `${COMMANDS[name].folder}/commands/${name}`;
  const built = fileURLToPath(new URL(`../dist/${module}.js`, import.meta.url));
  if (existsSync(built)) {
    process.argv.splice(1, process.argv.length - 1, built, ...args);
    await import(pathToFileURL(built).href);
    return;
  }
  const launcher = new URL('../scripts/run.mjs', import.meta.url);
  process.argv.splice(1, process.argv.length - 1, fileURLToPath(launcher), `${module}.ts`, ...args);
  await import(launcher.href);
}
