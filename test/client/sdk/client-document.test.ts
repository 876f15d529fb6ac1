import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseListenArguments } from '../../../client/commands/listen-arguments.ts';
import { parseTranscribeArguments } from '../../../client/commands/transcribe-arguments.ts';
import * as sdk from '../../../client/sdk/public.ts';
import { createHttpApp } from '../../../server/http/create-http-app.ts';
import { createStreamServer } from '../../../server/sockets/create-stream-server.ts';
import { nativeProtocol } from '../../../server/stream/native-protocol.ts';
import { createTestService } from '../../support/test-service.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENT = readFileSync(`${ROOT}docs/client.md`, 'utf8');
const SCRIPTS = [...DOCUMENT.matchAll(/```js\n(.*?)```/gs)].map(([, script]) => script ?? '');

/** REST and streams at one address, as the service has them. */
async function serve(): Promise<string> {
  const service = createTestService({ hear: () => 'Un sombrero azul.' });
  const server = http.createServer(createHttpApp(service));
  createStreamServer(service, [nativeProtocol(service)]).attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(script: string, stdin: Uint8Array): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  const args = ['--import', 'tsx', '--conditions=flora-asr-source', '--input-type=module', '--eval', script];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}

describe('docs/client.md', () => {
  it.each(SCRIPTS.map((script, index) => [index + 1, script] as const))('has a script %i that runs', async (_, script) => {
    const url = await serve();
    const loud = new Uint8Array(8_000).fill(0x80); // a second in µ-law
    const { failed, stdout, stderr } = await run(script.replaceAll('http://127.0.0.1:8080', url), loud);
    expect(stderr).toBe('');
    expect(failed).toBe(false);
    expect(stdout).toMatch(/Un sombrero azul\.|^1\n$|language_unknown language false/);
  });

  it('names all that the package has', () => {
    expect(SCRIPTS).toHaveLength(4);
    for (const name of Object.keys(sdk)) expect(DOCUMENT).toContain(`\`${name}`);
  });

  it('has commands whose arguments are known', () => {
    const commands = [...DOCUMENT.matchAll(/npm run (?:-s )?(listen|transcribe) -- (.*?)(?: +#.*)?$/gm)];
    expect(commands.length).toBeGreaterThanOrEqual(4);
    for (const [, command, args = ''] of commands) {
      const parse = command === 'listen' ? parseListenArguments : parseTranscribeArguments;
      expect(parse(args.trim().split(/ +/), {})).not.toBeNull();
    }
  });

  it('links to examples that are there', () => {
    for (const [, file] of DOCUMENT.matchAll(/\(\.\.\/(examples\/[^)]+)\)/g))
      expect(readFileSync(`${ROOT}${file}`).length).toBeGreaterThan(0);
  });
});
