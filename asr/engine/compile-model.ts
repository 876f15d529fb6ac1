import type { BankTarget } from '../../adapters/bank.ts';
import { type CompileOptions, compileGraph } from '../../kernels/graph/compile-graph.ts';
import type { InputPeaks } from '../../kernels/layers/parameters.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { decoderGraph } from '../whisper/decoder-graph.ts';
import { encoderGraph } from '../whisper/encoder-graph.ts';
import { isSmoothed } from '../whisper/input-peaks-graph.ts';
import type { ComputeType } from './compute-type.ts';
import { type MeasuredPeaks, measureInputPeaks } from './measure-input-peaks.ts';
import { capacityOf } from './model-plan.ts';

/**
 * Of how weights in int8 are made of those that are read (quantisation, smoothing, generated features). To be raised with
 * any change of the numbers, which a graph's hash does not cover: compiled graphs are made anew then.
 */
export const QUANTISATION = 1;

export type CompileProgress = NonNullable<CompileOptions['onProgress']>;

/** A base model that is read once, while its graphs are written. */
export interface BaseModel {
  readonly config: WhisperConfig;
  readonly weights: TensorSource;
  readonly weightsDigest: string;
}

export interface CompileModelOptions {
  readonly computeType: Pick<ComputeType, 'precision' | 'int8Weights'>;
  readonly bankTargets: readonly BankTarget[];
  readonly cacheDir: string;
  readonly onProgress?: CompileProgress;
}

/** Paths of ONNX files. */
export interface CompiledModel {
  readonly encoder: string;
  readonly decoder: string;
}

/**
 * Compiles Whisper's graphs, as far as they are not in the cache. Before an int8 encoder is written, the base model's
 * values are measured.
 * @throws FloraAsrError `graph_invalid`, `cache_unwritable`, `weights_corrupt`, `engine_failed`
 */
export async function compileModel(base: BaseModel, options: CompileModelOptions): Promise<CompiledModel> {
  const { config, weights } = base;
  const { bankTargets, cacheDir, onProgress } = options;
  const { precision, int8Weights } = options.computeType;
  const capacity = capacityOf(bankTargets);
  const ranks = (target: string) => ({ flora: capacity.floraRank(target), lora: capacity.loraRank(target) });
  const weightsDigest = precision === 'int8' ? `${base.weightsDigest}, int8 ${QUANTISATION}` : base.weightsDigest;
  const compiling = { cacheDir, weightsDigest, ...(onProgress === undefined ? {} : { onProgress }) };

  let measured: MeasuredPeaks | null = null;
  const measure = async () => {
    measured = await measureInputPeaks(base, compiling);
  };
  const inputPeaks: InputPeaks = (layer) => (isSmoothed(layer) ? () => peaksOf(measured, layer) : null);
  const plan = { weights, precision, int8Weights, ranks, inputPeaks };
  const prepare = precision === 'int8' ? measure : undefined;
  return {
    encoder: await compileGraph(encoderGraph(config, plan), { ...compiling, prepare }),
    decoder: await compileGraph(decoderGraph(config, plan), compiling),
  };
}

function peaksOf(measured: MeasuredPeaks | null, layer: string): Float32Array {
  const peaks = measured?.get(layer);
  if (peaks === undefined) throw new Error(`The input of ${layer} was not measured.`);
  return peaks;
}
