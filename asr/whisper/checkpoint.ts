import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from './config.ts';

/** A Whisper model on disk, verified: its configuration, its weights and where they lie. */
export interface WhisperCheckpoint {
  readonly config: WhisperConfig;
  /** `sha256:<hex>` of the weight file; adapters name the base they were trained on by it. */
  readonly digest: string;
  readonly tensors: TensorSource;
  /** path of `tokenizer.json` (Hugging Face tokenizers format) */
  readonly tokenizerPath: string;
}
