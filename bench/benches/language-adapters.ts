import type { Adapter } from '../../adapters/adapter.ts';
import type { WhisperConfig } from '../../asr/whisper/config.ts';
import { whisperTargets } from '../../asr/whisper/targets.ts';
import { randomAdapter } from '../random-adapter.ts';

/** Adapters as they are trained, but for their weights: rank 1 at every target, short contexts. */
export const BENCH_ADAPTER = {
  rank: 1,
  /** near the identity: the model still hears words, and the work is the same as a trained one's */
  scale: 0.02,
  contextPolicy: { tailPositions: 32, trainedMinMs: 300, trainedMaxMs: 15_000 },
} as const;

/** One adapter a language, never trained: speed does not depend on what they learnt. */
export function languageAdapters(config: WhisperConfig, baseDigest: string, languages: readonly string[]): readonly Adapter[] {
  const targets = whisperTargets(config);
  return languages.map((language, index) =>
    randomAdapter({
      ...BENCH_ADAPTER,
      name: adapterNameOf(language),
      language,
      base: { name: config.name, digest: baseDigest },
      targets: [...targets.encoder, ...targets.decoder],
      seed: index + 1,
    }),
  );
}

export function adapterNameOf(language: string): string {
  return `bench-${language}`;
}
