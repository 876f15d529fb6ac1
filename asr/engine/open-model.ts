import { AdapterBank } from '../../adapters/bank.ts';
import { RowFactors } from '../../adapters/row-factors.ts';
import { chooseProvider } from '../../kernels/choose-provider.ts';
import { type CompileOptions, compileGraph } from '../../kernels/graph/compile-graph.ts';
import { type ExecutionProvider, GraphSession } from '../../kernels/session.ts';
import { decodingMasks } from '../decoding/masks.ts';
import { openVerified } from '../weights/open-checkpoint.ts';
import { decoderGraph } from '../whisper/decoder-graph.ts';
import { encoderGraph } from '../whisper/encoder-graph.ts';
import { whisperTargets } from '../whisper/targets.ts';
import { openTokenizer, type TextTokenizer } from '../whisper/tokenizer.ts';
import { type ComputeType, chooseComputeType } from './compute-type.ts';
import { capacityOf, type ModelPlan } from './model-plan.ts';
import { WhisperModel } from './whisper-model.ts';

export type CompileProgress = NonNullable<CompileOptions['onProgress']>;

/** What runs, and why: for the log, and for reports. */
export interface RuntimeDescription {
  readonly provider: ExecutionProvider;
  readonly providerReason: string;
  readonly computeType: ComputeType;
  readonly threads: number;
}

export interface OpenModel {
  readonly model: WhisperModel;
  readonly bank: AdapterBank;
  readonly tokenizer: TextTokenizer;
  readonly runtime: RuntimeDescription;
}

/**
 * Opens Whisper for a worker: chooses where and how it runs, compiles what is not in the cache, and opens two sessions.
 * @throws FloraAsrError `provider_unavailable`, `weights_corrupt`, `cache_unwritable`, `engine_failed`
 */
export async function openModel(plan: ModelPlan, onProgress: CompileProgress): Promise<OpenModel> {
  const { provider, reason } = await chooseProvider(plan.provider, plan.cacheDir);
  const computeType = await chooseComputeType(plan.computeType, { cacheDir: plan.cacheDir, provider });
  const { config } = plan;
  const paths = await compileGraphs(plan, computeType, onProgress);
  const bank = new AdapterBank({ slots: plan.slots, targets: plan.bankTargets });
  const targets = whisperTargets(config);
  const session = { provider, threads: plan.threads };
  const model = new WhisperModel(config, {
    encoder: await GraphSession.open(paths.encoder, session),
    decoder: await GraphSession.open(paths.decoder, session),
    encoderFactors: new RowFactors(bank, targets.encoder),
    decoderFactors: new RowFactors(bank, targets.decoder),
    masks: decodingMasks(config),
  });
  const runtime = { provider, providerReason: reason, computeType, threads: plan.threads };
  return { model, bank, tokenizer: openTokenizer(plan.checkpoint.tokenizerPath), runtime };
}

async function compileGraphs(
  { config, checkpoint, cacheDir, bankTargets }: ModelPlan,
  { precision, int8Weights }: ComputeType,
  onProgress: CompileProgress,
): Promise<{ readonly encoder: string; readonly decoder: string }> {
  const capacity = capacityOf(bankTargets);
  const weights = openVerified(checkpoint);
  try {
    const ranks = (target: string) => ({ flora: capacity.floraRank(target), lora: capacity.loraRank(target) });
    const plan = { weights, precision, int8Weights, ranks };
    const options = { cacheDir, weightsDigest: checkpoint.digest, onProgress };
    return {
      encoder: await compileGraph(encoderGraph(config, plan), options),
      decoder: await compileGraph(decoderGraph(config, plan), options),
    };
  } finally {
    weights.close();
  }
}
