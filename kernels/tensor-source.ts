/**
 * Named fp32 tensors that are read one at a time, so that a checkpoint is never whole in memory.
 * Half-precision files are widened when read. Names are those of Hugging Face's Whisper, e.g.
 * `model.decoder.layers.0.self_attn.q_proj.weight` with shape [out, in].
 */
export interface TensorSource {
  readonly names: readonly string[];
  /** @throws FloraAsrError `weights_corrupt` if there is no such tensor. */
  shape(name: string): readonly number[];
  /** Row-major values; a fresh array that the caller owns. */
  read(name: string): Float32Array;
  close(): void;
}
