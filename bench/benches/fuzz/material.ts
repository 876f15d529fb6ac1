import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mixDown } from '../../../asr/audio/channels.ts';
import { findFfmpeg } from '../../../asr/audio/ffmpeg-binary.ts';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import { runProgram } from '../../../asr/process/run-program.ts';
import { wavHead } from './cases/recordings.ts';
import type { FuzzMaterial, Recording } from './fuzz-case.ts';

const SPEECH = fileURLToPath(new URL('../../../test/fixtures/speech/', import.meta.url));
const SOURCES = [
  { file: 'es-blue-fedora.ogg', language: 'es' },
  { file: 'el-indycar.ogg', language: 'el' },
] as const;

/** Formats that ffmpeg writes for us; WAV we write, and OGG the sources are. */
const ENCODED = [
  { format: 'flac', contentType: 'audio/flac', options: [] },
  { format: 'mp3', contentType: 'audio/mpeg', options: ['-b:a', '48k'] },
  { format: 'm4a', contentType: 'audio/mp4', options: ['-c:a', 'aac', '-b:a', '48k'] },
  { format: 'webm', contentType: 'audio/webm', options: ['-c:a', 'libopus', '-b:a', '32k'] },
] as const;

export type SpokenMaterial = Omit<FuzzMaterial, 'host'> & { readonly language: string };

/** Real recordings of two languages in every format that people upload. */
export async function fuzzMaterial(env: NodeJS.ProcessEnv): Promise<SpokenMaterial> {
  const folder = await mkdtemp(join(tmpdir(), 'flora-asr-fuzz-'));
  try {
    const recordings: Recording[] = [];
    for (const { file, language } of SOURCES) {
      const bytes = await readFile(join(SPEECH, file));
      recordings.push({ format: 'ogg', contentType: 'audio/ogg', language, bytes });
      recordings.push({ format: 'wav', contentType: 'audio/wav', language, bytes: waveOf(await samplesOf(file, env)) });
      for (const encoding of ENCODED) recordings.push(await encode(join(SPEECH, file), { ...encoding, language, folder, env }));
    }
    const [{ file, language }] = SOURCES;
    return { recordings, samples: await samplesOf(file, env), language };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** 16 kHz, which ffmpeg's output has. */
async function samplesOf(file: string, env: NodeJS.ProcessEnv): Promise<Int16Array> {
  const audio = await readAudio({ path: join(SPEECH, file) }, { env });
  return Int16Array.from(mixDown(audio.channels), (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}

export function waveOf(samples: Int16Array): Buffer {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return Buffer.concat([wavHead({ format: 1, channels: 1, rateHz: 16_000, bits: 16, bytes: bytes.length }), bytes]);
}

interface Encoding {
  readonly format: string;
  readonly contentType: string;
  readonly options: readonly string[];
  readonly language: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

async function encode(source: string, { format, contentType, options, language, folder, env }: Encoding): Promise<Recording> {
  const made = join(folder, `${language}.${format}`);
  await runProgram(await findFfmpeg(env), ['-v', 'error', '-y', '-i', source, ...options, made]);
  return { format, contentType, language, bytes: await readFile(made) };
}
