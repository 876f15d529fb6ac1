import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { readAudio } from '../../asr/audio/read-audio.ts';
import { speechSignals } from '../../asr/audio/speech-signals.ts';
import { lastLines } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { readWavHeader, type WavHeader, type WavSettings } from '../sdk/wav.ts';
import type { ListenInput } from './listen-arguments.ts';

export interface HeardAudio {
  readonly settings: WavSettings;
  /** in the encoding of `settings`; ends by itself, or soon after the signal was aborted */
  readonly chunks: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export interface ListenSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly signal: AbortSignal;
}

const CHUNK_MS = 100;

/**
 * @throws FloraAsrError as `readAudio`; `audio_unreadable`; `tool_missing`, `tool_failed` without a microphone
 */
export async function openListenAudio(input: ListenInput, surroundings: ListenSurroundings): Promise<HeardAudio> {
  switch (input.kind) {
    case 'file':
      return openFile(input, surroundings);
    case 'pipe':
      return openPipe(input.raw, surroundings);
    case 'microphone':
      return openMicrophone(input.device, surroundings);
  }
}

/** As files are recognised elsewhere: at 16 kHz, without another rounding of their samples. */
async function openFile(
  { path: file, channels: mode }: Extract<ListenInput, { kind: 'file' }>,
  { env, signal }: ListenSurroundings,
): Promise<HeardAudio> {
  const audio = await readAudio({ path: path.resolve(env['INIT_CWD'] ?? '.', file) }, { env, signal });
  const signals = await speechSignals(audio, mode, signal);
  const settings = { encoding: 'pcm_f32le', sample_rate: SAMPLE_RATE_HZ, channels: signals.length } as const;
  return { settings, chunks: interleavedChunks(signals) };
}

async function* interleavedChunks(signals: readonly Float32Array[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const frames = Math.max(...signals.map((samples) => samples.length));
  const step = (SAMPLE_RATE_HZ * CHUNK_MS) / 1000;
  for (let from = 0; from < frames; from += step) {
    const count = Math.min(step, frames - from);
    const chunk = new Float32Array(count * signals.length);
    for (const [channel, samples] of signals.entries()) {
      for (let index = 0; index < count; index += 1) chunk[index * signals.length + channel] = samples[from + index] ?? 0;
    }
    yield new Uint8Array(chunk.buffer);
  }
}

/** Compressed audio would be heard as noise. */
const COMPRESSED = ['OggS', 'fLaC', 'ID3', '\u001aEß£'];

async function openPipe(raw: WavSettings, { stdin, signal }: ListenSurroundings): Promise<HeardAudio> {
  signal.addEventListener('abort', () => stdin.destroy(), { once: true }); // whoever writes it may never end
  const source = stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  let header: WavHeader | null = null;
  for (let ended = false; !ended && header === null && (head.length < 12 || isWave(head)); ) {
    const step = await source.next();
    ended = step.done === true;
    if (!ended) head = Buffer.concat([head, step.value as Buffer]);
    header = isWave(head) ? readWavHeader(head) : null;
  }
  if (header !== null) return { settings: header.settings, chunks: wavChunks(header, head, source) };
  const magic = head.toString('latin1', 0, 4);
  if (isWave(head) || COMPRESSED.some((begin) => magic.startsWith(begin))) {
    const how = 'Pipe WAV, or samples: ffmpeg -i FILE -f wav - | npm run -s listen -- --language TAG -';
    throw new FloraAsrError('audio_unreadable', `Standard input is neither WAV nor samples without a header. ${how}`);
  }
  return { settings: raw, chunks: withHead(head, source) };
}

function isWave(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'RIFF';
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (head.length > 0) yield new Uint8Array(head);
  for (let step = await rest.next(); !step.done; step = await rest.next()) yield new Uint8Array(step.value);
}

/** What follows the samples is no sound. */
async function* wavChunks(
  { dataAt, dataBytes, bytesPerFrame, convert }: WavHeader,
  head: Buffer,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let left = dataBytes;
  let kept = Buffer.alloc(0);
  for await (const chunk of withHead(head.subarray(dataAt), rest)) {
    const joined = Buffer.concat([kept, chunk.subarray(0, left)]);
    left -= Math.min(left, chunk.length);
    const whole = joined.length - (joined.length % bytesPerFrame);
    kept = joined.subarray(whole);
    yield convert(joined.subarray(0, whole));
    if (left === 0) return;
  }
}

async function openMicrophone(device: string | undefined, { env, signal }: ListenSurroundings): Promise<HeardAudio> {
  const settings = { encoding: 'pcm_s16le', sample_rate: SAMPLE_RATE_HZ, channels: 1 } as const;
  return { settings, chunks: recorded(await recorders(device, env), signal) };
}

interface Recorder {
  readonly program: string;
  readonly args: readonly string[];
}

/** Those that may do on this system, the better ones first. */
async function recorders(device: string | undefined, env: NodeJS.ProcessEnv): Promise<readonly Recorder[]> {
  const rate = `${SAMPLE_RATE_HZ}`;
  const arecord = ['-q', ...(device === undefined ? [] : ['-D', device]), '-t', 'raw', '-f', 'S16_LE', '-r', rate, '-c', '1'];
  const ffmpeg = await findFfmpeg(env);
  const [format, byDefault] = FFMPEG_INPUTS[process.platform] ?? FFMPEG_INPUTS['linux'] ?? [];
  const input = ['-f', `${format}`, '-i', device ?? `${byDefault}`];
  const output = ['-ar', rate, '-ac', '1', '-f', 's16le', '-'];
  const byFfmpeg = { program: ffmpeg, args: ['-hide_banner', '-loglevel', 'error', '-nostdin', ...input, ...output] };
  return process.platform === 'linux' ? [{ program: 'arecord', args: arecord }, byFfmpeg] : [byFfmpeg];
}

/** By platform: how ffmpeg calls what it records from, and the device that it takes unless another is named. */
const FFMPEG_INPUTS: Readonly<Record<string, readonly [format: string, device: string]>> = {
  linux: ['pulse', 'default'],
  darwin: ['avfoundation', ':default'],
  win32: ['dshow', 'audio=default'],
};

/** What the first of them records that records anything. */
async function* recorded(candidates: readonly Recorder[], signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reasons: string[] = [];
  for (const { program, args } of candidates) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, by) => resolve(complaint === '' ? `it ended with ${by ?? `exit code ${code}`}` : complaint));
    });
    let heard = false;
    try {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        heard = true;
        yield new Uint8Array(chunk);
      }
    } finally {
      child.kill();
      signal.removeEventListener('abort', stop);
    }
    const reason = `${path.basename(program)}: ${lastLines(await ended, 2)}`;
    if (signal.aborted) return;
    if (heard) throw new FloraAsrError('tool_failed', `The recording ended. ${reason}`);
    reasons.push(reason);
  }
  const remedy = 'Install alsa-utils or ffmpeg, name a microphone with --device, or pipe audio into "-".';
  throw new FloraAsrError('tool_missing', `No microphone can be recorded from (${reasons.join('; ')}). ${remedy}`);
}
