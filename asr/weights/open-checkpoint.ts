import { FloraAsrError } from '../../kernels/errors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperCheckpoint } from '../whisper/checkpoint.ts';
import type { CheckpointLocation } from './checkpoint-location.ts';
import { openCtranslate2 } from './ctranslate2.ts';
import { finiteTensors } from './finite-tensors.ts';
import { readConfig } from './read-config.ts';
import { openShards } from './safetensors-shards.ts';
import { sha256OfFilesSync } from './sha256.ts';

/**
 * Verifies a checkpoint's digest and opens it. Blocks for the time of one read of its weights: 0.2 s for
 * Whisper base. The caller closes `tensors`.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, `weights_unsupported`
 */
export function openCheckpoint(location: CheckpointLocation): WhisperCheckpoint {
  checkDigest(location);
  const tensors = openVerified(location);
  try {
    return { config: readConfig(location, tensors), digest: location.digest, tensors, tokenizerPath: location.tokenizerPath };
  } catch (error) {
    tensors.close();
    throw error;
  }
}

/**
 * Opens the weights of a checkpoint whose digest this process has verified before.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, `weights_unsupported`
 */
export function openVerified({ format, weightPaths }: CheckpointLocation): TensorSource {
  const [first = ''] = weightPaths;
  const source = format === 'ctranslate2' ? openCtranslate2(first) : openShards(weightPaths);
  return finiteTensors(source, weightPaths.join(', '));
}

function checkDigest({ name, weightPaths, digest }: CheckpointLocation): void {
  let actual: string;
  try {
    actual = sha256OfFilesSync(weightPaths);
  } catch (cause) {
    throw new FloraAsrError('weights_not_found', `The weights of ${name} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
  if (actual === digest) return;
  throw new FloraAsrError(
    'weights_corrupt',
    `${weightPaths.join(', ')}: expected ${digest}, found ${actual}. The file was damaged or changed; pull ${name} again.`,
  );
}
