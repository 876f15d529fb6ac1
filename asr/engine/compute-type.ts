import { int8ProductIsExact } from '../../kernels/int8-exactness.ts';
import type { Precision } from '../../kernels/layers/parameters.ts';
import type { ExecutionProvider } from '../../kernels/session.ts';

export type ComputeTypeChoice = Precision | 'auto';

export interface ComputeType {
  readonly precision: Precision;
  /** largest magnitude of an int8 weight */
  readonly int8Limit: number;
  /** why, for the log */
  readonly reason: string;
}

/** All of s8. */
const FULL_LIMIT = 127;
/** Seven bits: two products of 255 · 63 still fit into the 16 bits that plain AVX2 adds them in. */
const SATURATION_SAFE_LIMIT = 63;

/**
 * `auto` takes int8 where the CPU multiplies u8 by s8 exactly (VNNI, Arm's dot product), else fp32: with weights of
 * seven bits int8 is no faster than fp32 by more than it loses in accuracy (docs/adr/0005).
 */
export async function chooseComputeType(
  choice: ComputeTypeChoice,
  { cacheDir, provider }: { readonly cacheDir: string; readonly provider: ExecutionProvider },
): Promise<ComputeType> {
  if (choice === 'fp32') return { precision: 'fp32', int8Limit: FULL_LIMIT, reason: 'chosen' };
  if (choice === 'auto' && provider !== 'cpu') return { precision: 'fp32', int8Limit: FULL_LIMIT, reason: 'on a GPU' };
  const exact = await int8ProductIsExact(cacheDir, provider);
  if (choice === 'int8') {
    const reason = exact ? 'chosen' : 'chosen; with weights of 7 bits, because this CPU saturates on 8';
    return { precision: 'int8', int8Limit: exact ? FULL_LIMIT : SATURATION_SAFE_LIMIT, reason };
  }
  return exact
    ? { precision: 'int8', int8Limit: FULL_LIMIT, reason: 'this CPU multiplies int8 exactly' }
    : { precision: 'fp32', int8Limit: FULL_LIMIT, reason: 'this CPU saturates on int8' };
}
