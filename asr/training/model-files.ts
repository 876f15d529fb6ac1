import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from '../whisper/config.ts';

/** A base model, and where its compiled graphs are kept. */
export interface ModelFiles {
  readonly config: WhisperConfig;
  readonly weights: TensorSource;
  /** of the weights' file: part of the compiled graphs' names */
  readonly weightsDigest: string;
  readonly cacheDir: string;
  readonly threads: number;
  readonly onProgress?: (progress: { graph: string; writtenBytes: number; totalBytes: number }) => void;
}
