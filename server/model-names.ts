import type { Adapter } from '../adapters/adapter.ts';
import { FloraAsrError } from '../kernels/errors.ts';

/** What a request may name. */
export interface ServedModels {
  /** the served model's own name */
  readonly base: string;
  /** other names for it; `*` at the end stands for anything */
  readonly aliases: readonly string[];
  readonly adapters: readonly NamedAdapter[];
}

export type NamedAdapter = Pick<Adapter, 'id' | 'manifest'>;

/** What a request names; left out, or an empty model, is nothing. */
export interface AskedModel {
  readonly model?: string | undefined;
  /** an adapter's name, `name@version`, null or `none` for the base model, `auto` to let the language decide */
  readonly adapter?: string | null | undefined;
}

/** As a recognition takes it: `name` or `name@version`; null for the base model; undefined: the language decides. */
export type AdapterChoice = string | null | undefined;

/**
 * Which adapter a request gets. The base's own name means the base without adapter, an adapter's name that adapter; an
 * alias, and no model at all, let the language decide. What `adapter` says goes before all of this.
 * @throws FloraAsrError `model_not_found`, `adapter_not_found`, or `request_invalid` where both name an adapter, and not
 *   the same one
 */
export function resolveModel({ model, adapter }: AskedModel, served: ServedModels): AdapterChoice {
  const byModel = choiceOfModel(model, served);
  if (adapter === undefined) return byModel;
  const byAdapter = choiceOfAdapter(adapter, served);
  if (typeof byModel !== 'string') return byAdapter;
  if (typeof byAdapter === 'string' && nameOf(byModel) === nameOf(byAdapter)) {
    if (byModel === byAdapter || !byAdapter.includes('@')) return byModel;
    if (!byModel.includes('@')) return byAdapter;
  }
  throw new FloraAsrError(
    'request_invalid',
    `model names the adapter "${byModel}", and adapter says "${adapter ?? 'none'}"; leave one of them out.`,
    { param: 'adapter' },
  );
}

/** The aliases that a name matches. */
export function matchesAlias(name: string, aliases: readonly string[]): boolean {
  return aliases.some((alias) => (alias.endsWith('*') ? name.startsWith(alias.slice(0, -1)) : name === alias));
}

/** The adapter that a text names: `name@version`, or `name` for its highest version. */
export function findAdapter<Found extends NamedAdapter>(text: string, adapters: readonly Found[]): Found | null {
  // the list has the lowest version first
  return adapters.findLast(({ id, manifest }) => id === text || manifest.name === text) ?? null;
}

function choiceOfModel(model: string | undefined, served: ServedModels): AdapterChoice {
  if (model === undefined || model === '') return undefined;
  if (model === served.base) return null;
  if (findAdapter(model, served.adapters) !== null) return model;
  if (matchesAlias(model, served.aliases)) return undefined;
  throw modelNotFound(model, served);
}

/** For a name that is none of what is served. */
export function modelNotFound(model: string, { base, adapters, aliases }: ServedModels): FloraAsrError {
  const known = [base, ...adapters.map(({ id }) => id), ...aliases].join(', ');
  return new FloraAsrError('model_not_found', `The model "${model}" is not served; there are ${known}.`, { param: 'model' });
}

function choiceOfAdapter(adapter: string | null, { adapters }: ServedModels): AdapterChoice {
  if (adapter === null || adapter === 'none') return null;
  if (adapter === 'auto') return undefined;
  if (findAdapter(adapter, adapters) !== null) return adapter;
  const loaded = adapters.length === 0 ? 'none is' : `loaded are ${adapters.map(({ id }) => id).join(', ')}`;
  throw new FloraAsrError('adapter_not_found', `The adapter "${adapter}" is not loaded; ${loaded}.`, { param: 'adapter' });
}

function nameOf(reference: string): string {
  return reference.split('@', 1)[0] ?? reference;
}
