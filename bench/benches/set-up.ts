import { dirname, join } from 'node:path';
import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import type { EngineEvent } from '../../asr/engine/engine-options.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { PackedCorpus } from '../corpora/packed-corpus.ts';
import { openTuxpaint, pullTuxpaint } from '../corpora/tuxpaint.ts';
import { FasterWhisperPeer, type PeerStartOptions } from '../peers/faster-whisper.ts';
import type { BenchContext, BenchProgress } from './bench.ts';

/** The corpus from the cache, or pulled into it. @throws FloraAsrError as `pullTuxpaint` does */
export async function obtainTuxpaint({ env, weights: { cacheDir }, signal, progress }: BenchContext): Promise<PackedCorpus> {
  try {
    return openTuxpaint(cacheDir);
  } catch (error) {
    if (!(error instanceof FloraAsrError && error.code === 'corpus_not_found')) throw error;
  }
  progress.note('The Tux Paint recordings are not in the cache yet: pulling them');
  return pullTuxpaint({
    cacheDir,
    ffmpegPath: await findFfmpeg(env),
    signal,
    onProgress: (stage, done, total) =>
      stage === 'download'
        ? progress.advance({ title: 'Downloading the recordings', done, total, unit: 'bytes' })
        : progress.advance({ title: 'Decoding the recordings', done, total, unit: 'files' }),
  });
}

/**
 * Weights that both sides read.
 * @throws FloraAsrError `weights_unsupported` if faster-whisper cannot read them; as `resolveWeights` does
 */
export async function obtainWeights(model: string, { weights, signal, progress }: BenchContext): Promise<CheckpointLocation> {
  const location = await resolveWeights(model, { ...weights, signal, onEvent: progress.onWeights });
  if (location.format === 'ctranslate2') return location;
  throw new FloraAsrError(
    'weights_unsupported',
    `${model} is a ${location.format} checkpoint; faster-whisper reads CTranslate2 folders only. ` +
      'Name a whisper-SIZE of the catalogue, or a folder with model.bin.',
  );
}

/** Compiled graphs: the folder that the product uses too. */
export function graphsFolder({ weights: { cacheDir } }: BenchContext): string {
  return join(cacheDir, 'graphs');
}

/** What an engine tells while it starts, and when it loses its worker. */
export function tellEngine(event: EngineEvent, progress: BenchProgress): void {
  switch (event.kind) {
    case 'compiling':
      return progress.advance({
        title: `Compiling ${event.graph}`,
        done: event.writtenBytes,
        total: event.totalBytes,
        unit: 'bytes',
      });
    case 'worker-restarted':
      return progress.note(`The engine lost its worker, and started another: ${event.cause.message}`);
    case 'given-up':
      return progress.note(`The engine gave up: ${event.cause.message}`);
  }
}

export type PeerChoice = Pick<PeerStartOptions, 'computeType' | 'cpuThreads'> & { readonly location: CheckpointLocation };

/** faster-whisper over the very weights that our engine reads. @throws FloraAsrError as `FasterWhisperPeer.start` does */
export async function startPeer(
  { location, ...choice }: PeerChoice,
  { weights: { cacheDir }, signal, progress }: BenchContext,
): Promise<FasterWhisperPeer> {
  const modelDir = dirname(location.weightPaths[0] ?? '');
  return FasterWhisperPeer.start({ cacheDir, modelDir, signal, onProgress: (message) => progress.note(message), ...choice });
}
