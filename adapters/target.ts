/** A linear layer that an adapter may change, as the base model has it. */
export interface Target {
  /** as in Hugging Face Whisper, e.g. `model.decoder.layers.0.self_attn.q_proj` */
  readonly name: string;
  readonly inDim: number;
  readonly outDim: number;
}
