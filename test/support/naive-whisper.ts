import { type Adapter, loraScale } from '../../adapters/adapter.ts';
import type { MelFrames } from '../../asr/features/mel-frames.ts';
import type { WhisperConfig } from '../../asr/whisper/config.ts';
import { layerNames } from '../../asr/whisper/targets.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';

/*
 * Whisper's forward pass in plain loops and double precision, as in openai/whisper `model.py`: one utterance, no cache,
 * no batch. Adapters are merged into the weights.
 */

/** [positions][features] */
export type Matrix = readonly (readonly number[])[];

export interface NaiveModel {
  readonly config: WhisperConfig;
  readonly tensors: TensorSource;
  /** null for the base model */
  readonly adapter: Adapter | null;
}

/** @returns the encoder's hidden states, [context][dim] */
export function naiveEncode(model: NaiveModel, mel: MelFrames): Matrix {
  const frames = Array.from({ length: mel.frames }, (_, frame) =>
    Array.from({ length: mel.mels }, (_, band) => mel.values[band * mel.frames + frame] ?? 0),
  );
  const first = geluOf(convolve(model, 'model.encoder.conv1', frames, 1));
  const positions = rowsOf(model, 'model.encoder.embed_positions');
  let x = add(geluOf(convolve(model, 'model.encoder.conv2', first, 2)), positions);
  for (const layer of layerNames('encoder', model.config.encoderLayers)) {
    const attended = norm(model, `${layer}.self_attn_layer_norm`, x);
    x = add(x, attend(model, `${layer}.self_attn`, attended, attended, false));
    x = add(x, feedForward(model, layer, x));
  }
  return norm(model, 'model.encoder.layer_norm', x);
}

/** @returns logits, [tokens][vocab]: what may follow each token */
export function naiveDecode(model: NaiveModel, hidden: Matrix, tokens: readonly number[]): Matrix {
  return naiveLogits(model, naiveDecoderStates(model, hidden, tokens));
}

/** The product of the decoder's last hidden states with the token embeddings. */
export function naiveLogits(model: NaiveModel, states: Matrix): Matrix {
  const embeddings = rowsOf(model, 'model.decoder.embed_tokens');
  return states.map((row) => embeddings.map((embedding) => dot(row, embedding)));
}

/**
 * @param queries if given, gets the cross-attention's of each layer, [tokens][dim]
 * @returns the decoder's last hidden states, [tokens][dim]
 */
export function naiveDecoderStates(
  model: NaiveModel,
  hidden: Matrix,
  tokens: readonly number[],
  queries: Matrix[] = [],
): Matrix {
  const embeddings = rowsOf(model, 'model.decoder.embed_tokens');
  const positions = rowsOf(model, 'model.decoder.embed_positions');
  let x = add(
    tokens.map((token) => embeddings[token] ?? []),
    positions,
  );
  for (const layer of layerNames('decoder', model.config.decoderLayers)) {
    const attended = norm(model, `${layer}.self_attn_layer_norm`, x);
    x = add(x, attend(model, `${layer}.self_attn`, attended, attended, true));
    const looking = norm(model, `${layer}.encoder_attn_layer_norm`, x);
    queries.push(naiveLinear(model, `${layer}.encoder_attn.q_proj`, looking));
    x = add(x, attend(model, `${layer}.encoder_attn`, looking, hidden, false));
    x = add(x, feedForward(model, layer, x));
  }
  return norm(model, 'model.decoder.layer_norm', x);
}

/** y = x Wᵀ + bias, W = W0 ∘ Σ_k a_k b_kᵀ, or W0 + s Σ_k b_k a_kᵀ. */
export function naiveLinear(model: NaiveModel, name: string, x: Matrix): Matrix {
  const weight = rowsOf(model, name);
  const bias = model.tensors.names.includes(`${name}.bias`) ? model.tensors.read(`${name}.bias`) : null;
  const merged = mergedWeight(model, name, weight);
  return x.map((row) => merged.map((column, o) => dot(row, column) + (bias?.[o] ?? 0)));
}

function mergedWeight({ adapter }: NaiveModel, name: string, weight: Matrix): Matrix {
  const factors = adapter?.weights.get(name);
  if (adapter === null || factors === undefined) return weight;
  const { a, b, rank, inDim, outDim } = factors;
  const isFlora = adapter.manifest.kind === 'flora';
  const product = (o: number, i: number) => {
    let sum = 0;
    for (let k = 0; k < rank; k += 1) {
      sum += isFlora ? (a[k * outDim + o] ?? 0) * (b[k * inDim + i] ?? 0) : (b[o * rank + k] ?? 0) * (a[k * inDim + i] ?? 0);
    }
    return sum;
  };
  const scale = loraScale(adapter.manifest, rank);
  return weight.map((row, o) => row.map((value, i) => (isFlora ? value * product(o, i) : value + scale * product(o, i))));
}

function attend(model: NaiveModel, name: string, x: Matrix, source: Matrix, causal: boolean): Matrix {
  const query = naiveLinear(model, `${name}.q_proj`, x);
  const key = naiveLinear(model, `${name}.k_proj`, source);
  const value = naiveLinear(model, `${name}.v_proj`, source);
  const headDim = model.config.dim / model.config.heads;
  const mixed = query.map((row, position) => {
    const visible = causal ? position + 1 : source.length;
    return Array.from({ length: model.config.heads }, (_, head) => {
      const [from, to] = [head * headDim, (head + 1) * headDim];
      const scores = key.slice(0, visible).map((other) => dot(row.slice(from, to), other.slice(from, to)) / Math.sqrt(headDim));
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return Array.from({ length: headDim }, (_, i) =>
        weights.reduce((sum, weight, other) => sum + (weight / total) * (value[other]?.[from + i] ?? 0), 0),
      );
    }).flat();
  });
  return naiveLinear(model, `${name}.out_proj`, mixed);
}

function feedForward(model: NaiveModel, layer: string, x: Matrix): Matrix {
  const hidden = naiveLinear(model, `${layer}.fc1`, norm(model, `${layer}.final_layer_norm`, x));
  return naiveLinear(model, `${layer}.fc2`, geluOf(hidden));
}

function norm({ tensors }: NaiveModel, name: string, x: Matrix): Matrix {
  const [weight, bias] = [tensors.read(`${name}.weight`), tensors.read(`${name}.bias`)];
  return x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (weight[i] ?? 0) + (bias[i] ?? 0));
  });
}

/** Kernel of 3 frames, a zero frame at both ends. */
function convolve({ tensors }: NaiveModel, name: string, x: Matrix, stride: number): Matrix {
  const [outDim = 0, inDim = 0] = tensors.shape(`${name}.weight`);
  const [weight, bias] = [tensors.read(`${name}.weight`), tensors.read(`${name}.bias`)];
  return Array.from({ length: Math.ceil(x.length / stride) }, (_, position) =>
    Array.from({ length: outDim }, (_, o) => {
      let sum = bias[o] ?? 0;
      for (let tap = 0; tap < 3; tap += 1) {
        const frame = x[position * stride + tap - 1];
        if (frame === undefined) continue;
        for (let i = 0; i < inDim; i += 1) sum += (weight[(o * inDim + i) * 3 + tap] ?? 0) * (frame[i] ?? 0);
      }
      return sum;
    }),
  );
}

function geluOf(x: Matrix): Matrix {
  return x.map((row) => row.map(naiveGelu));
}

/** x Φ(x). */
export function naiveGelu(x: number): number {
  return x * 0.5 * (1 + erf(x / Math.SQRT2));
}

/** The error function's Taylor series, Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)) · 2/√π; beyond 4 it is 1 to 1e-8. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let [power, sum] = [x, x];
  for (let n = 1; n < 80; n += 1) {
    power *= -(x * x) / n;
    sum += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function rowsOf({ tensors }: NaiveModel, name: string): Matrix {
  const [rows = 0, columns = 0] = tensors.shape(`${name}.weight`);
  const values = Array.from(tensors.read(`${name}.weight`));
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

function add(x: Matrix, y: Matrix): Matrix {
  return x.map((row, position) => row.map((value, i) => value + (y[position]?.[i] ?? 0)));
}

function dot(x: readonly number[], y: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += (x[i] as number) * (y[i] as number);
  return sum;
}
