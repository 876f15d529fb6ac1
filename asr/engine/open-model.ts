import { AdapterBank, type BankTarget } from '../../adapters/bank.ts';
import { RowFactors } from '../../adapters/row-factors.ts';
import { chooseProvider } from '../../kernels/choose-provider.ts';
import { type ExecutionProvider, GraphSession, type SessionOptions } from '../../kernels/session.ts';
import { decodingMasks } from '../decoding/masks.ts';
import { openVerified } from '../weights/open-checkpoint.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { whisperTargets } from '../whisper/targets.ts';
import { openTokenizer, type TextTokenizer } from '../whisper/tokenizer.ts';
import { type CompiledModel, type CompileProgress, compileModel } from './compile-model.ts';
import { type ComputeType, chooseComputeType } from './compute-type.ts';
import { type Encoder, encodeJobs } from './encoder.ts';
import { type ModelPlan, threadShares } from './model-plan.ts';
import { WhisperDecoder } from './whisper-decoder.ts';
import { WhisperEncoder } from './whisper-encoder.ts';

/** What runs, and why: for the log, and for reports. */
export interface RuntimeDescription {
  readonly provider: ExecutionProvider;
  readonly providerReason: string;
  readonly computeType: ComputeType;
  readonly threads: number;
}

/** What decodes, and how it runs; beside it, what opens the encoder that belongs to it. */
export interface OpenModel {
  readonly decoder: WhisperDecoder;
  /** the decoder's adapters */
  readonly bank: AdapterBank;
  readonly tokenizer: TextTokenizer;
  readonly runtime: RuntimeDescription;
  readonly encoderPlan: EncoderPlan;
  /** whether the encoder works beside the decoder, in a thread of its own, or in turns with it */
  readonly encoderBeside: boolean;
}

/** Everything that the encoder's thread needs: plain data. */
export interface EncoderPlan {
  readonly config: WhisperConfig;
  /** the compiled graph */
  readonly graphPath: string;
  readonly session: SessionOptions;
  /** of a bank of its own, with the same slots */
  readonly slots: number;
  readonly bankTargets: readonly BankTarget[];
}

/**
 * Opens Whisper for a worker: chooses where and how it runs, compiles what is not in the cache, and opens the decoder.
 * @throws FloraAsrError `provider_unavailable`, `weights_corrupt`, `cache_unwritable`, `engine_failed`
 */
export async function openModel(plan: ModelPlan, onProgress: CompileProgress): Promise<OpenModel> {
  const { provider, reason } = await chooseProvider(plan.provider, plan.cacheDir);
  const computeType = await chooseComputeType(plan.computeType, { cacheDir: plan.cacheDir, provider });
  const { config, slots, bankTargets, threads } = plan;
  const paths = await compileGraphs(plan, computeType, onProgress);
  const bank = new AdapterBank({ slots, targets: bankTargets });
  const shares = threadShares(provider, threads);
  const decoder = new WhisperDecoder(config, {
    session: await GraphSession.open(paths.decoder, { provider, threads: shares.decoder }),
    factors: new RowFactors(bank, whisperTargets(config).decoder),
    masks: decodingMasks(config),
  });
  return {
    decoder,
    bank,
    tokenizer: openTokenizer(plan.checkpoint.tokenizerPath),
    runtime: { provider, providerReason: reason, computeType, threads },
    encoderPlan: { config, graphPath: paths.encoder, session: { provider, threads: shares.encoder }, slots, bankTargets },
    encoderBeside: shares.beside,
  };
}

/** Opens the encoder in this thread. @throws FloraAsrError `engine_failed` */
export async function openEncoder({ config, graphPath, session, slots, bankTargets }: EncoderPlan): Promise<Encoder> {
  const bank = new AdapterBank({ slots, targets: bankTargets });
  const factors = new RowFactors(bank, whisperTargets(config).encoder);
  const encoder = new WhisperEncoder(config, { session: await GraphSession.open(graphPath, session), factors });
  let settled: Promise<unknown> = Promise.resolve();
  return {
    writeSlot: (slot, adapter) => bank.writeOrClear(slot, adapter),
    encode: async (jobs) => {
      const encoding = encodeJobs(encoder, jobs);
      settled = encoding.catch(() => undefined);
      return encoding;
    },
    close: async () => {
      await settled;
      await encoder.close();
    },
  };
}

async function compileGraphs(
  { config, checkpoint, cacheDir, bankTargets }: ModelPlan,
  computeType: ComputeType,
  onProgress: CompileProgress,
): Promise<CompiledModel> {
  const weights = openVerified(checkpoint);
  try {
    const base = { config, weights, weightsDigest: checkpoint.digest };
    return await compileModel(base, { computeType, bankTargets, cacheDir, onProgress });
  } finally {
    weights.close();
  }
}
