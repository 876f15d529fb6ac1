import { createHash } from 'node:crypto';
import { type Adapter, makeAdapter, type TargetWeights } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/load-adapter.ts';
import { type AdapterManifest, type BaseModel, type ContextPolicy, parseManifest } from '../adapters/manifest.ts';
import type { Target } from '../adapters/target.ts';
import { writeAdapter } from '../adapters/write-adapter.ts';

export interface RandomAdapterOptions {
  readonly name: string;
  /** `1.0.0` if left out */
  readonly version?: string;
  readonly language: string | null;
  readonly base: BaseModel;
  readonly targets: readonly Target[];
  readonly rank: number | ((target: Target) => number);
  /** how far from the identity: 0 is the base model, 0.02 near it, 0.5 far from it */
  readonly scale: number;
  readonly seed: number;
  readonly contextPolicy: ContextPolicy | null;
  /** `flora` if left out */
  readonly kind?: 'flora' | 'lora';
}

/**
 * An adapter that was never trained, for tests and benchmarks. The same options give the same weights.
 *
 * FLoRA: component 0 is 1 + scale · gaussian, the others scale · gaussian. LoRA: A is gaussian / √in, B is
 * scale · gaussian / √rank, unscaled, so that inputs of unit size change the output by about `scale`.
 * The digest is over manifest and weights, but is not that of the written files.
 */
export function randomAdapter(options: RandomAdapterOptions): Adapter {
  const manifest = randomManifest(options);
  const gaussian = gaussianSource(options.seed);
  const weights = new Map(
    options.targets.map((target) => [target.name, randomWeights(manifest, target, { ...options, gaussian })]),
  );
  const hash = createHash('sha256').update(JSON.stringify(manifest));
  for (const { a, b } of weights.values()) hash.update(a).update(b);
  return makeAdapter({ manifest, digest: `sha256:${hash.digest('hex')}`, weights });
}

/** Writes a random adapter's folder, and returns it as it is read back: with the digest of its files. */
export function writeRandomAdapter(folder: string, options: RandomAdapterOptions): Adapter {
  writeAdapter(folder, randomAdapter(options));
  return loadAdapter(folder);
}

function randomManifest(options: RandomAdapterOptions): AdapterManifest {
  const { name, version = '1.0.0', language, base, contextPolicy, kind = 'flora', scale, seed } = options;
  const ranks = options.targets.map((target) => [target.name, { rank: rankOf(options, target) }] as const);
  const manifest = {
    formatVersion: 1,
    name,
    version,
    kind,
    baseModel: { name: base.name, digest: base.digest },
    language,
    targets: Object.fromEntries(ranks),
    ...(kind === 'lora' ? { lora: {} } : {}),
    contextPolicy,
    training: { data: null, recipe: { random: true, scale }, seed },
    licence: 'Apache-2.0',
  };
  return parseManifest(JSON.stringify(manifest), `random adapter ${name}`);
}

function rankOf({ rank }: RandomAdapterOptions, target: Target): number {
  return typeof rank === 'number' ? rank : rank(target);
}

function randomWeights(
  manifest: AdapterManifest,
  { name, inDim, outDim }: Target,
  { scale, gaussian }: { readonly scale: number; readonly gaussian: () => number },
): TargetWeights {
  const rank = manifest.targets[name]?.rank ?? 0;
  if (manifest.kind === 'lora') {
    const a = Float32Array.from({ length: rank * inDim }, () => gaussian() / Math.sqrt(inDim));
    const b = Float32Array.from({ length: outDim * rank }, () => (scale * gaussian()) / Math.sqrt(rank));
    return { rank, inDim, outDim, a, b };
  }
  const nearIdentity = (dim: number) =>
    Float32Array.from({ length: rank * dim }, (_, index) => (index < dim ? 1 : 0) + scale * gaussian());
  return { rank, inDim, outDim, a: nearIdentity(outDim), b: nearIdentity(inDim) };
}

/** Standard normal values by Box and Muller, from mulberry32. */
function gaussianSource(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32; // [0, 1)
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
