import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import wavefile from 'wavefile';
import { z } from 'zod';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { resample } from '../../asr/audio/resample.ts';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { preparePythonEnvironment } from '../peers/python-environment.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { readOptions } from './options.ts';
import { obtainTuxpaint } from './set-up.ts';
import { type StreamsService, startStreamsService } from './streams/streams-service.ts';
import { spreadTestUtterances } from './utterance-set.ts';

/** Packages as pip names them, and what plays their part. */
const CLIENTS = [
  { requirement: 'openai[realtime]==3.57.0', script: 'openai_client.py' },
  { requirement: 'deepgram-sdk==7.17.0', script: 'deepgram_client.py' },
] as const;

export const clients: Bench = {
  name: 'clients',
  summary: 'the official Python clients of OpenAI and Deepgram, unmodified, against this service',
  help: `Whether Python programs that speak to OpenAI or Deepgram speak to this service by changing a URL: the official
packages, installed from PyPI into environments of their own, against a service in a process of its own. Each check
is a way of asking (files, streams, formats, errors); all have to say the same words. Needs Python 3.9 with pip.

Options:
  --language CODE       of the recording that is played; es if left out
`,
  run,
};

const FLAGS = { language: { type: 'string' } } as const;
const optionsSchema = z.object({ language: z.string().min(2).default('es') });

const checkSchema = z.object({ name: z.string(), passed: z.boolean(), detail: z.string().nullable() });
type Check = z.output<typeof checkSchema>;

/** What OpenAI's realtime interface takes. */
const PLAYED_RATE_HZ = 24_000;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, FLAGS, optionsSchema);
  const { env, signal, progress } = context;
  const folder = await mkdtemp(join(tmpdir(), 'flora-asr-clients-'));
  progress.note('Starting the service');
  const service = await startStreamsService({ settings: { RATE_PER_MINUTE: '1000000' }, tokensPerSecond: null, env, signal });
  try {
    const recording = await writeRecording(folder, options, context);
    const expected = await transcribed(service, { recording, ...options });
    progress.note(`The service hears: ${expected}`);
    const found: { client: string; checks: readonly Check[] }[] = [];
    for (const { requirement, script } of CLIENTS) {
      progress.note(`Playing ${requirement}`);
      const args = [service.url, options.language, recording, expected];
      found.push({ client: requirement, checks: await runClient({ requirement, script, args }, context) });
    }
    return outcomeOf(found, options);
  } finally {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The longest of a few recordings of the language, so that there are words before its end. */
async function writeRecording(folder: string, { language }: { language: string }, context: BenchContext): Promise<string> {
  const corpus = await obtainTuxpaint(context);
  const [longest] = spreadTestUtterances(corpus, { languages: [language], perLanguage: 20 })
    .filter(({ spoken }) => spoken)
    .sort((left, right) => right.durationSeconds - left.durationSeconds);
  if (longest === undefined) throw new FloraAsrError('argument_invalid', `There is no recording of ${language}.`);
  const samples = resample(corpus.samples(longest), SAMPLE_RATE_HZ, PLAYED_RATE_HZ);
  const file = new wavefile.WaveFile();
  const integers = Float64Array.from(samples, (sample) => Math.round(32_767 * Math.max(-1, Math.min(1, sample))));
  file.fromScratch(1, PLAYED_RATE_HZ, '16', integers);
  const path = join(folder, 'recording.wav');
  await writeFile(path, file.toBuffer());
  return path;
}

async function transcribed(service: StreamsService, { recording, language }: { recording: string; language: string }) {
  const form = new FormData();
  form.set('file', new Blob([await readFile(recording)]), 'recording.wav');
  form.set('language', language);
  form.set('response_format', 'text');
  const answer = await fetch(`${service.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
  const text = (await answer.text()).trim();
  if (answer.ok && text !== '') return text;
  throw new FloraAsrError('tool_failed', `The service gave ${answer.status} and "${text}" for the recording.`);
}

interface ClientRun {
  readonly requirement: string;
  readonly script: string;
  readonly args: readonly string[];
}

async function runClient({ requirement, script, args }: ClientRun, context: BenchContext): Promise<readonly Check[]> {
  const { env, signal, progress, weights } = context;
  const python = await preparePythonEnvironment({
    requirement,
    folder: join(weights.cacheDir, 'peers', requirement.replace(/[^a-z0-9.]+/g, '-')),
    signal,
    onProgress: (message) => progress.note(message),
  });
  const path = fileURLToPath(new URL(`../clients/${script}`, import.meta.url));
  const ofPython = { ...env, ...python.env, PYTHONDONTWRITEBYTECODE: '1' };
  const told = await runProgram(python.python, [path, ...args], { env: ofPython, signal });
  return z.array(checkSchema).parse(JSON.parse(told));
}

function outcomeOf(
  found: readonly { client: string; checks: readonly Check[] }[],
  options: { language: string },
): BenchOutcome {
  const checks = found.flatMap(({ client, checks: own }) => own.map((check) => ({ client, ...check })));
  const failed = checks.filter(({ passed }) => !passed).length;
  const lines = checks.map(
    ({ client, name, passed, detail }) =>
      `${passed ? 'ok    ' : 'FAILED'}  ${client}: ${name}${detail === null ? '' : ` (${detail})`}`,
  );
  return {
    document: {
      bench: 'clients',
      passed: checks.length - failed,
      failed,
      checks,
      settings: options,
      versions: ourVersions(),
      machine: describeMachine(),
    },
    text: `${checks.length - failed} of ${checks.length} checks passed\n\n${lines.join('\n')}`,
  };
}
