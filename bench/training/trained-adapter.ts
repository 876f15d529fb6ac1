import { createHash } from 'node:crypto';
import { type Adapter, makeAdapter } from '../../adapters/adapter.ts';
import type { AdaptableModel } from '../../adapters/check-fit.ts';
import { type AdapterManifest, type ContextPolicy, parseManifest } from '../../adapters/manifest.ts';
import { toTargetWeights } from '../../adapters/training/adapter-parameters.ts';
import { type ParameterLayout, savedKind } from '../../adapters/training/parameter-layout.ts';
import { narrowToHalf } from '../../kernels/narrow-floats.ts';
import { widenFloats } from '../../kernels/widen-floats.ts';

export interface TrainedAdapterOptions {
  readonly name: string;
  readonly version: string;
  /** BCP-47 tag; null: for any language */
  readonly language: string | null;
  readonly base: Pick<AdaptableModel, 'name' | 'digest'>;
  readonly layout: ParameterLayout;
  readonly contextPolicy: ContextPolicy;
  readonly training: AdapterManifest['training'];
  /** SPDX expression */
  readonly licence: string;
}

/**
 * A learner's parameters as an adapter that an engine can load, rounded to fp16 as they will be written: what is measured
 * is what is kept. Its digest is over its contents; once it is written, the digest of its files counts.
 * @throws FloraAsrError `adapter_invalid` if a part of the manifest is not as it must be
 */
export function trainedAdapter(options: TrainedAdapterOptions, parameters: Float32Array): Adapter {
  const { layout, base, ...described } = options;
  const kind = savedKind(layout.kind);
  const fields = {
    formatVersion: 1,
    ...described,
    kind,
    ...(kind === 'lora' ? { lora: {} } : {}),
    baseModel: { name: base.name, digest: base.digest },
    targets: Object.fromEntries(layout.targets.map(({ name, rank }) => [name, { rank }])),
  };
  const text = JSON.stringify(fields);
  const halves = new Uint8Array(narrowToHalf(parameters).buffer);
  const hash = createHash('sha256').update(text).update(halves);
  return makeAdapter({
    manifest: parseManifest(text, `The manifest of ${options.name}`),
    digest: `sha256:${hash.digest('hex')}`,
    weights: toTargetWeights(layout, widenFloats(halves, 'f16')),
  });
}
