import { createHash } from 'node:crypto';
import { type Adapter, makeAdapter } from '../../adapters/adapter.ts';
import type { AdaptableModel } from '../../adapters/check-fit.ts';
import { type AdapterManifest, type ContextPolicy, parseManifest } from '../../adapters/manifest.ts';
import { toTargetWeights } from '../../adapters/training/adapter-parameters.ts';
import { type ParameterLayout, savedKind } from '../../adapters/training/parameter-layout.ts';
import { narrowToHalf } from '../../kernels/narrow-floats.ts';
import { widenFloats } from '../../kernels/widen-floats.ts';

/** Of an adapter's name, as its manifest takes it. */
const MOST_NAME_CHARACTERS = 64;

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

/**
 * What an adapter is called: `ro-my-recordings` if it learned Romanian from `My_recordings.jsonl`.
 * @param learner of the run
 * @param corpora their names, or those of manifests and folders
 */
export function adapterNameFor(learner: string, corpora: readonly string[]): string {
  const parts = [learner, ...corpora.map((corpus) => corpus.replace(/\.\w+$/, ''))];
  const words =
    parts
      .join('-')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, MOST_NAME_CHARACTERS).replace(/-$/, '');
}
