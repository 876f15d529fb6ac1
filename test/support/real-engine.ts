import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Adapter } from '../../adapters/adapter.ts';
import { mixDown } from '../../asr/audio/channels.ts';
import { readAudio } from '../../asr/audio/read-audio.ts';
import { Engine } from '../../asr/engine/engine.ts';
import type { EngineOptions } from '../../asr/engine/engine-options.ts';
import type { DecodingSettings } from '../../asr/engine/job.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../asr/weights/open-checkpoint.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { weightSettings } from '../../asr/weights/weight-settings.ts';
import { seededRandom } from '../../bench/benches/draw.ts';
import { type RandomAdapterOptions, randomAdapter } from '../../bench/random-adapter.ts';
import { allTargets } from './tiny-whisper.ts';

const SETTINGS = weightSettings(process.env);
const SPEECH = fileURLToPath(new URL('../fixtures/speech/', import.meta.url));

/** Whisper base as it is published. */
export async function realCheckpoint(): Promise<CheckpointLocation> {
  return resolveWeights('whisper-base', SETTINGS);
}

/** An engine of Whisper base in fp32, unless told otherwise. */
export async function startRealEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const cacheDir = path.join(SETTINGS.cacheDir, 'graphs');
  return Engine.start({ checkpoint: await realCheckpoint(), cacheDir, provider: 'cpu', computeType: 'fp32', ...options });
}

export type AdapterMaker = (
  options: Partial<RandomAdapterOptions> & { readonly name: string; readonly seed: number },
) => Adapter;

/** Makes untrained adapters of rank 1 at all targets of Whisper base, for short contexts. */
export async function realAdapters(): Promise<AdapterMaker> {
  const location = await realCheckpoint();
  const { config, tensors } = openCheckpoint(location);
  tensors.close();
  const contextPolicy = { tailPositions: 32, trainedMinMs: 0, trainedMaxMs: 30_000 };
  const base = { name: config.name, digest: location.digest };
  const defaults = { language: null, base, targets: allTargets(config), rank: 1, scale: 0.02, contextPolicy };
  return (options) => randomAdapter({ ...defaults, ...options });
}

/** Nothing is tried again, and a loop ends at what can be said in its time. */
export const PLAIN_DECODING: Partial<DecodingSettings> = { guards: false, retries: false, tokenLimit: 'audio' };

export interface SpeechPiece {
  readonly language: string;
  /** 16 kHz */
  readonly samples: Float32Array;
}

/** The speech fixtures, decoded. */
export async function speechFixtures(): Promise<readonly SpeechPiece[]> {
  const index: readonly { file: string; language: string }[] = JSON.parse(await readFile(`${SPEECH}index.json`, 'utf8'));
  const pieces: SpeechPiece[] = [];
  for (const { file, language } of index) {
    const audio = await readAudio({ path: SPEECH + file }, { env: process.env });
    pieces.push({ language, samples: mixDown(audio.channels) });
  }
  return pieces;
}

/** Speech of all languages in turn, cut and joined to lengths from 0.2 s on; the same seed gives the same pieces. */
export function cutSpeech(
  fixtures: readonly SpeechPiece[],
  { count, seed }: { count: number; seed: number },
): readonly SpeechPiece[] {
  const random = seededRandom(seed);
  const languages = [...new Set(fixtures.map((fixture) => fixture.language))];
  return Array.from({ length: count }, (_, index) => {
    const language = languages[index % languages.length] as string;
    const own = fixtures.filter((fixture) => fixture.language === language);
    const draw = () => (own[Math.floor(random() * own.length)] as SpeechPiece).samples;
    // every eighth is two recordings one after the other
    const whole = index % 8 === 7 ? Float32Array.of(...draw(), ...draw()) : draw();
    const length = Math.max(3_200, Math.floor(whole.length * (0.2 + 0.8 * random())));
    const from = Math.floor(random() * Math.max(0, whole.length - length));
    return { language, samples: whole.slice(from, from + length) };
  });
}

/** A result without its times, which depend on the neighbours. */
export function heard(result: RecognitionResult): Omit<RecognitionResult, 'timings'> & { readonly timings: null } {
  return { ...result, timings: null };
}
