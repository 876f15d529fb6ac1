import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { writeRandomAdapter } from '../../../bench/random-adapter.ts';
import { realCheckpoint } from '../../support/real-engine.ts';
import { allTargets } from '../../support/tiny-whisper.ts';

/** What adapters for Whisper base must say of it. */
async function realBase() {
  const location = await realCheckpoint();
  const { config, tensors } = openCheckpoint(location);
  tensors.close();
  return { config, digest: location.digest };
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SPEECH = path.join('test', 'fixtures', 'speech');
const FEDORA = path.join(SPEECH, 'es-blue-fedora.ogg');
const INDYCAR = path.join(SPEECH, 'el-indycar.ogg');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As npm runs it. */
async function transcribe(...args: string[]): Promise<Ended> {
  const launcher = path.join('scripts', 'run.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, 'client/commands/transcribe.ts', ...args], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the transcribe command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-transcribe-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('prints the words of one file, and nothing else', async () => {
    const { code, stdout } = await transcribe('--language', 'es', FEDORA);
    expect(stdout.toLowerCase()).toMatch(/^un sombrero azul\.?\n$/);
    expect(code).toBe(0);
  });

  it('transcribes files of several languages in their order, and reports those that it cannot read', async () => {
    const text = path.join(folder, 'notes.ogg');
    await writeFile(text, 'This is no recording.');
    const missing = path.join(folder, 'missing.wav');
    const { code, stdout, stderr } = await transcribe('--language', 'es', text, FEDORA, missing, '--language', 'el', INDYCAR);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]?.toLowerCase()).toContain(`${FEDORA}: un sombrero`);
    expect(lines[1]).toMatch(/el-indycar\.ogg: .*αγωνιστικό/i);
    expect(stderr).toContain(`${text}: audio_unreadable: `);
    expect(stderr).toContain(`${missing}: file_not_found: `);
    expect(code).toBe(1);
  });

  it('writes subtitles of a folder, below another, and does nothing twice', async () => {
    const recordings = path.join(folder, 'recordings');
    const out = path.join(folder, 'subtitles');
    await mkdir(path.join(recordings, 'deeper'), { recursive: true });
    await copyFile(FEDORA, path.join(recordings, 'deeper', 'hat.ogg'));
    const run = () => transcribe('--language', 'es', '--format', 'vtt', '--out', out, recordings);
    expect(await run()).toMatchObject({ code: 0, stdout: `${path.join(out, 'deeper', 'hat.vtt')}\n` });
    const subtitles = await readFile(path.join(out, 'deeper', 'hat.vtt'), 'utf8');
    expect(subtitles).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:01\.\d{3}\nUn sombrero azul\.\n\n$/i);
    expect(await run()).toEqual({ code: 0, stdout: '', stderr: '1 of 1 were there already.\n' });
  });

  it('gives times, tokens and what ran as one JSON document', async () => {
    const { code, stdout } = await transcribe('--json', '--language', 'es-MX', FEDORA, '--language', 'tlh', INDYCAR);
    const document = JSON.parse(stdout) as { files: { segments: { tokens: number[]; tokenLogProbs: number[] }[] }[] };
    expect(document).toMatchObject({
      model: { name: 'whisper-base', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      runtime: { provider: expect.any(String), computeType: expect.stringMatching(/fp32|int8/) },
      files: [
        {
          language: 'es-MX',
          segments: [{ channel: 0, start: 0, adapter: { name: 'es-tuxpaint' }, attempts: 1, guardTrips: [] }],
        },
        { language: 'tlh', error: { code: 'language_unknown' } },
      ],
    });
    const [segment] = document.files[0]?.segments ?? [];
    // end-of-text has a probability, too
    expect(segment?.tokenLogProbs).toHaveLength((segment?.tokens.length ?? 0) + 1);
    expect(code).toBe(1);
  });

  it('recognises speech only, or all there is, as it is told to', async () => {
    const silence = path.join(folder, 'silence.wav');
    const file = new wavefile.WaveFile();
    file.fromScratch(1, 16_000, '16', new Int16Array(32_000));
    await writeFile(silence, file.toBuffer());
    const spoken = await transcribe('--json', '--language', 'es', silence, FEDORA);
    expect(JSON.parse(spoken.stdout)).toMatchObject({
      files: [{ duration: 2, speech: 0, text: '', segments: [] }, { segments: [{ text: expect.stringMatching(/sombrero/i) }] }],
    });
    const all = await transcribe('--json', '--endpointing', 'off', '--language', 'es', silence);
    expect(JSON.parse(all.stdout)).toMatchObject({
      files: [{ duration: 2, speech: 2, text: '', segments: [{ start: 0, end: 2 }] }],
    });
    expect([spoken.code, all.code]).toEqual([0, 0]);
  });

  it('computes a row with the adapter of its language, and says which', async () => {
    const { config, digest } = await realBase();
    const options = { base: { name: config.name, digest }, targets: allTargets(config), rank: 1, scale: 0.02, seed: 3 };
    const contextPolicy = { tailPositions: 32, trainedMinMs: 300, trainedMaxMs: 15_000 };
    const adapters = path.join(folder, 'adapters');
    const adapter = writeRandomAdapter(path.join(adapters, 'spanish'), {
      ...options,
      name: 'spanish',
      language: 'es',
      contextPolicy,
    });
    const { code, stdout } = await transcribe(
      '--json',
      '--adapters',
      adapters,
      '--language',
      'es',
      FEDORA,
      '--adapter',
      'none',
      FEDORA,
    );
    const { files } = JSON.parse(stdout) as { files: { segments: { adapter: unknown; contextPositions: number }[] }[] };
    const [adapted, base] = files.map(({ segments }) => segments[0]);
    expect(adapted?.adapter).toEqual({ name: 'spanish', version: '1.0.0', digest: adapter.digest });
    expect(adapted?.contextPositions).toBeLessThan(1_500);
    expect(base).toMatchObject({ adapter: null, contextPositions: 1_500 });
    expect(code).toBe(0);
  });

  it('refuses adapters that are not there before it does anything', async () => {
    const none = await transcribe('--adapters', folder, '--language', 'es', FEDORA);
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^file_not_found: .*holds no adapter/) });
    const named = await transcribe('--adapter', 'greek-stamps', '--language', 'es', FEDORA);
    expect(named).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('adapter_not_found: ') });
  });

  it('shows its usage', async () => {
    expect(await transcribe('--help')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('--language TAG'),
    });
    expect(await transcribe('--languages', 'es', FEDORA)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('argument_invalid: '),
    });
  });
});
