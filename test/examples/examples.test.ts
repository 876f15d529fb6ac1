import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import wavefile from 'wavefile';
import WebSocket from 'ws';
import { SETTINGS } from '../../server/configuration/settings.ts';
import { eventually, silence, speech, testStreams } from '../server/stream/serve-streams.ts';
import { httpServers } from '../support/serve-http.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { createTestService } from '../support/test-service.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RECORDING = 'examples/un-sombrero-azul.wav';
/** As a user runs them after npm run build; here from the sources of the SDK. */
const NODE = [process.execPath, '--import', 'tsx', '--conditions=flora-asr-source'] as const;

const serve = httpServers();
const makeFolder = temporaryFolders();

function start([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function run(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
  const child = start(command, env);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const [output, errors, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  return { code: code as number, stdout: output, stderr: errors };
}

/** The detector of the tests takes loudness for speech: so much of it in 16 bits, one array a channel. */
function wavFile(channels: readonly Int16Array[]): string {
  const file = new wavefile.WaveFile();
  file.fromScratch(channels.length, 16_000, '16', channels.length === 1 ? (channels[0] as Int16Array) : [...channels]);
  const name = path.join(makeFolder(), 'call.wav');
  writeFileSync(name, file.toBuffer());
  return name;
}

const joined = (...parts: readonly Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]));

describe('examples of streams', () => {
  it.each([
    ['captions.mjs', []],
    ['captions.mjs, by the WebSocket of newer Nodes', ['--experimental-websocket']],
    ['stream.mjs', []],
  ])('%s prints what is said in a file, and when', async (name, flags) => {
    const { url } = await testStreams({ hear: () => 'un sombrero azul' });
    const file = wavFile([joined(silence(0.512), speech(1.024), silence(1.024))]);
    const script = `examples/${name.split(',')[0]}`;
    const env = { FLORA_ASR_URL: script.endsWith('stream.mjs') ? `${url.replace('http', 'ws')}/v1/stream` : url };
    expect(await run([...NODE, ...flags, script, file, 'es'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0\.\d\d to \d\.\d\d s: un sombrero azul\n$/),
    });
  });

  it('stereo-call.mjs says who said what, in the order of time', async () => {
    const { url } = await testStreams({ hear: ({ samples }) => (samples.length > 20_000 ? 'diga' : 'hola') });
    const caller = joined(silence(3.072), speech(0.512), silence(2.048));
    const agent = joined(speech(2.048), silence(3.584));
    const { stdout } = await run([...NODE, 'examples/stereo-call.mjs', wavFile([caller, agent]), 'es'], { FLORA_ASR_URL: url });
    expect(stdout).toBe('    0.0 s  agent: diga\n    2.8 s  caller: hola\n');
  });
});

/** A call as Twilio sends it: https://www.twilio.com/docs/voice/media-streams/websocket-messages */
async function playTwilio(
  address: string,
  sides: Readonly<Record<string, readonly (readonly [atMs: number, audio: Buffer])[]>>,
) {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let sequence = 0;
  const send = (message: object) => {
    sequence += 1;
    socket.send(JSON.stringify({ sequenceNumber: `${sequence}`, streamSid: 'MZ1', ...message }));
  };
  send({ event: 'connected', protocol: 'Call', version: '1.0.0' });
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 };
  const call = { accountSid: 'AC1', streamSid: 'MZ1', callSid: 'CA1', mediaFormat, customParameters: { language: 'es' } };
  send({ event: 'start', start: { ...call, tracks: Object.keys(sides) } });
  let chunk = 0;
  for (const [track, pieces] of Object.entries(sides)) {
    for (const [atMs, audio] of pieces) {
      for (let at = 0; at < audio.length; at += 160) {
        chunk += 1;
        const payload = audio.subarray(at, at + 160).toString('base64');
        send({ event: 'media', media: { track, chunk: `${chunk}`, timestamp: `${atMs + at / 8}`, payload } });
      }
    }
  }
  send({ event: 'stop', stop: { accountSid: 'AC1', callSid: 'CA1' } });
  return socket;
}

describe('the telephone bridge', () => {
  it('has both sides of a call recognised, each with its own times', async () => {
    const { url, service, streams } = await testStreams({ hear: ({ language }) => `${language} habla` });
    const bridge = start([...NODE, 'examples/telephone-bridge.mjs'], { PORT: '0', FLORA_ASR_URL: url });
    const { stdout, stderr } = bridge;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    const [line] = (await once(createInterface({ input: stderr }), 'line')) as [string];
    const finals: { track: string; start: number }[] = [];
    createInterface({ input: stdout }).on('line', (final) =>
      finals.push(JSON.parse(final) as { track: string; start: number }),
    );
    const loud = (ms: number) => Buffer.alloc(8 * ms, 0x80); // full scale in µ-law
    const quiet = (ms: number) => Buffer.alloc(8 * ms, 0xff);
    const socket = await playTwilio(line.replace('listening on ', ''), {
      inbound: [[0, Buffer.concat([quiet(1_000), loud(1_000), quiet(2_000)])]],
      // Twilio sends nothing of a side that plays nothing
      outbound: [
        [0, quiet(500)],
        [2_500, Buffer.concat([loud(1_000), quiet(500)])],
      ],
    });
    await eventually(() => finals.length === 2);
    expect(finals.sort((one, other) => one.start - other.start)).toEqual([
      {
        call: 'CA1',
        track: 'inbound',
        start: expect.closeTo(0.7, 0),
        end: expect.closeTo(2.3, 0),
        language: 'es',
        text: 'es habla',
      },
      {
        call: 'CA1',
        track: 'outbound',
        start: expect.closeTo(2.2, 0),
        end: expect.closeTo(3.8, 0),
        language: 'es',
        text: 'es habla',
      },
    ]);
    await eventually(() => streams.openStreams === 0); // `stop` has finished them
    expect(service.metrics.closedStreams.map(({ reason }) => reason)).toEqual(['finish', 'finish']);
    socket.close();
  });
});

describe('examples of files', () => {
  const has = (program: string) => spawnSync(program, ['--version']).status === 0;

  it('transcribe.py prints the words of files, and what is wrong with one', async () => {
    const { href } = await serve(createTestService({ hear: () => 'un sombrero azul' }));
    const env = { FLORA_ASR_URL: href.replace(/[/]$/, ''), PYTHONDONTWRITEBYTECODE: '1' };
    const file = wavFile([speech(1)]);
    expect(await run(['python3', 'examples/transcribe.py', 'es', file], env)).toEqual({
      code: 0,
      stdout: `${file}: un sombrero azul\n`,
      stderr: '',
    });
    expect(await run(['python3', 'examples/transcribe.py', 'tlh', file], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('language_unknown: '),
    });
  });

  it.skipIf(!has('curl'))('transcribe.sh gives subtitles', async () => {
    const { href } = await serve(createTestService({ hear: () => 'un sombrero azul' }));
    const { code, stdout } = await run(['sh', 'examples/transcribe.sh', 'es', wavFile([speech(2)])], {
      FLORA_ASR_URL: href.replace(/[/]$/, ''),
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1\n00:00:00,\d{3} --> 00:00:02,\d{3}\nun sombrero azul\n/);
  });
});

describe('compose.yaml, which no engine has run', () => {
  const compose = readFileSync(path.join(ROOT, 'examples', 'compose.yaml'), 'utf8');
  const dockerfile = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');

  it('sets what the service knows', () => {
    const variables = [...compose.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name);
    const known = Object.values(SETTINGS).map(({ variable }) => variable);
    expect(variables).toContain('API_KEYS');
    for (const variable of variables) expect(known).toContain(variable);
  });

  it('has the port and the volume of the image', () => {
    const port = /^EXPOSE (\d+)$/m.exec(dockerfile)?.[1];
    const volume = /^VOLUME (\S+)$/m.exec(dockerfile)?.[1];
    expect(compose).toContain(`"${port}:${port}"`);
    expect(compose).toContain(`cache:${volume}\n`);
  });
});

it('the recording of the examples is there, and is what they say', () => {
  const file = new wavefile.WaveFile(readFileSync(path.join(ROOT, RECORDING)));
  expect(file.fmt).toMatchObject({ numChannels: 1, bitsPerSample: 16 });
});
