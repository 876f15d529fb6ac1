import type { Engine } from '../../asr/engine/engine.ts';

/** What runs where, and why. */
export function runtimeLine({ base, runtime }: Pick<Engine, 'base' | 'runtime'>): string {
  const { provider, providerReason, computeType, threads } = runtime;
  const where = `${provider} (${providerReason}), ${computeType.precision} (${computeType.reason})`;
  return `${base.name} on ${where}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
