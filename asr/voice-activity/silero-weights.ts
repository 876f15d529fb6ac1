import { createRequire } from 'node:module';
import { FloraAsrError } from '../../kernels/errors.ts';
import { sha256OfFilesSync } from '../weights/sha256.ts';

/** Silero VAD v6 (MIT, Silero Team), in a package for browsers whose own code is never loaded. */
const MODEL = '@ricky0123/vad-web/dist/silero_vad_v6.onnx';
const DIGEST = 'sha256:1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3';
const REMEDY = 'Install the packages again, with npm install.';

/** Where npm put the model. @throws FloraAsrError `weights_not_found` */
export function findSileroModel(): string {
  try {
    return createRequire(import.meta.url).resolve(MODEL);
  } catch (cause) {
    throw new FloraAsrError('weights_not_found', `The voice activity model ${MODEL} is not installed. ${REMEDY}`, { cause });
  }
}

/** Blocking, some milliseconds. @throws FloraAsrError `weights_not_found`, `weights_corrupt` */
export function requireSileroModel(modelPath: string): void {
  const digest = digestOf(modelPath);
  if (digest === DIGEST) return;
  throw new FloraAsrError(
    'weights_corrupt',
    `The voice activity model ${modelPath} is not Silero VAD v6: its digest is ${digest}, not ${DIGEST}. ${REMEDY}`,
  );
}

function digestOf(modelPath: string): string {
  try {
    return sha256OfFilesSync([modelPath]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FloraAsrError('weights_not_found', `The voice activity model cannot be read: ${reason}. ${REMEDY}`, { cause });
  }
}
