import { int8ProductIsExact } from '../../kernels/int8-exactness.ts';
import type { Int8Weights, Precision } from '../../kernels/layers/parameters.ts';
import type { ExecutionProvider } from '../../kernels/session.ts';

export type ComputeTypeChoice = Precision | 'auto';

export interface ComputeType {
  readonly precision: Precision;
  readonly int8Weights: Int8Weights;
  /** why, for the log */
  readonly reason: string;
}

/**
 * `auto` takes int8 where the CPU multiplies u8 by s8 exactly (VNNI, Arm's dot product), else fp32: elsewhere int8
 * gains little (docs/adr/0004).
 */
export async function chooseComputeType(
  choice: ComputeTypeChoice,
  { cacheDir, provider }: { readonly cacheDir: string; readonly provider: ExecutionProvider },
): Promise<ComputeType> {
  if (choice === 'fp32') return { precision: 'fp32', int8Weights: 's8', reason: 'chosen' };
  if (choice === 'auto' && provider !== 'cpu') return { precision: 'fp32', int8Weights: 's8', reason: 'on a GPU' };
  const exact = await int8ProductIsExact(cacheDir, provider);
  const int8Weights = exact ? 's8' : 'u8';
  if (choice === 'int8') {
    const reason = exact ? 'chosen' : 'chosen; with u8 weights, because this CPU saturates on s8';
    return { precision: 'int8', int8Weights, reason };
  }
  return exact
    ? { precision: 'int8', int8Weights, reason: 'this CPU multiplies int8 exactly' }
    : { precision: 'fp32', int8Weights, reason: 'this CPU has no fast exact int8 product' };
}
