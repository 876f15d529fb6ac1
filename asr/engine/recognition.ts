import type { ContextChoice } from './admission.ts';
import type { DecodingSettings, Recognition } from './job.ts';

/** An utterance to recognise, as a caller asks for it. */
export interface RecognitionRequest {
  /** 16 kHz mono, at most 30 s; read until the result is there */
  readonly samples: Float32Array;
  /** BCP-47 */
  readonly language: string;
  /** `name` or `name@version`; null for the base model; left out, the language decides */
  readonly adapter?: string | null;
  /** results of one stream come in the order of its requests; left out, the request is a stream of its own */
  readonly streamId?: string;
  readonly decoding?: Partial<DecodingSettings>;
  /** by the adapter's policy, if left out */
  readonly context?: ContextChoice;
  readonly signal?: AbortSignal;
}

/** What was recognised, and by which adapter. */
export interface RecognitionResult extends Recognition {
  /** null: the base model */
  readonly adapter: { readonly name: string; readonly version: string; readonly digest: string } | null;
}
