import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { z } from 'zod';

/** The machine that measured, as far as it explains the numbers. */
export interface Machine {
  readonly cpu: string;
  /** that this process may use */
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** whether the CPU has 8-bit dot products (VNNI, Arm's dot product); null where it cannot be told */
  readonly vnni: boolean | null;
  /** vector extensions, widest first; none where they cannot be told */
  readonly vectors: readonly string[];
}

const VECTORS = ['amx_int8', 'avx512_vnni', 'avx_vnni', 'avx512f', 'avx2', 'asimddp', 'asimd'];
const DOT_PRODUCTS = ['avx512_vnni', 'avx_vnni', 'asimddp'];

export function describeMachine(): Machine {
  const flags = cpuFlags();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    vnni: flags === null ? null : DOT_PRODUCTS.some((flag) => flags.has(flag)),
    vectors: VECTORS.filter((flag) => flags?.has(flag)),
  };
}

/** The CPU's features as Linux lists them; null elsewhere. */
function cpuFlags(): ReadonlySet<string> | null {
  try {
    return featuresIn(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return null;
  }
}

/** The features of the first core: `flags` on x86, `Features` on Arm. */
export function featuresIn(cpuinfo: string): ReadonlySet<string> | null {
  const [, list] = /^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuinfo) ?? [];
  return list === undefined ? null : new Set(list.trim().split(/\s+/));
}

const packageSchema = z.object({ version: z.string() });

/** Versions of what runs on our side. */
export function ourVersions(): Readonly<Record<string, string>> {
  return {
    'flora-asr': versionIn('../../package.json'),
    'onnxruntime-node': versionIn('onnxruntime-node/package.json'),
    node: process.versions.node,
  };
}

function versionIn(manifest: string): string {
  return packageSchema.parse(createRequire(import.meta.url)(manifest)).version;
}
