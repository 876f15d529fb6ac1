import { type AdapterId, type AdapterKind, type AdapterManifest, adapterId } from './manifest.ts';

/**
 * One target's factors, fp32 and finite.
 *   flora: W = W0 ∘ Σ_k a_k b_kᵀ with a [rank, out], b [rank, in]
 *   lora:  y += scale · (x aᵀ) bᵀ with a [rank, in], b [out, rank]
 */
export interface TargetWeights {
  readonly rank: number;
  readonly inDim: number;
  readonly outDim: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** A verified adapter. Plain data: it can be posted to a worker thread. */
export interface Adapter {
  readonly id: AdapterId;
  readonly manifest: AdapterManifest;
  /** `sha256:<hex>` over the bytes of adapter.json followed by those of adapter.safetensors */
  readonly digest: string;
  /** by target name, the same names as in the manifest */
  readonly weights: ReadonlyMap<string, TargetWeights>;
  /** its model card, in Markdown, where it came with one */
  readonly card?: string;
}

export function makeAdapter(parts: Omit<Adapter, 'id'>): Adapter {
  return { id: adapterId(parts.manifest), ...parts };
}

/** The factor of an additive adapter's product at a target: alpha / rank (Hu et al. 2021, section 4.1). */
export function loraScale(manifest: AdapterManifest, rank: number): number {
  if (manifest.kind !== 'lora' || manifest.lora.alpha === undefined) return 1;
  return manifest.lora.alpha / rank;
}

/** The tensors of adapter.safetensors that hold a target's factors. */
export function factorNames(kind: AdapterKind, target: string): { readonly a: string; readonly b: string } {
  return { a: `${target}.${kind}_a`, b: `${target}.${kind}_b` };
}
