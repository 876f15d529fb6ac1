import type { IRouter, RequestHandler } from 'express';
import type { Adapter } from '../../adapters/adapter.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { findAdapter, matchesAlias, modelNotFound } from '../model-names.ts';
import type { ModelBody } from '../protocol/rest-messages.ts';
import type { Service } from '../service.ts';
import { addRoute } from './add-route.ts';

interface ModelRoutes {
  readonly service: Service;
  readonly identified: RequestHandler;
  /** seconds since 1970 */
  readonly startedAt: number;
}

/** What `model` may name, as OpenAI's API lists it. */
export function addModelRoutes(app: IRouter, { service, identified, startedAt }: ModelRoutes): void {
  addRoute(app, '/v1/models', 'GET', identified, (_request, response) => {
    response.set('cache-control', 'no-store').json({ object: 'list', data: modelsOf(service, startedAt).list() });
  });
  addRoute(app, '/v1/models/:id', 'GET', identified, (request, response) => {
    response.set('cache-control', 'no-store').json(modelsOf(service, startedAt).find(`${request.params['id']}`));
  });
  addRoute(app, '/v1/models/:id/card', 'GET', identified, (request, response) => {
    const card = cardOf(service, `${request.params['id']}`);
    response.type('text/markdown').set('cache-control', 'no-store').send(card);
  });
}

/** @throws FloraAsrError `model_not_found`; `starting`, `draining`, `engine_closed` */
function cardOf(service: Service, name: string): string {
  const { base, adapters } = service.recogniser().engine;
  const adapter = findAdapter(name, adapters);
  if (adapter === null) throw modelNotFound(name, { base: base.name, aliases: [], adapters });
  if (adapter.card !== undefined) return adapter.card;
  throw new FloraAsrError('model_not_found', `${adapter.id} came without a model card.`, { param: 'id' });
}

/** @throws FloraAsrError `starting`, `draining`, `engine_closed` */
function modelsOf(service: Service, created: number) {
  const { base, adapters, config } = service.recogniser().engine;
  const aliases = service.configuration.modelAliases;
  const plain = { version: null, language: null, languages: [...config.languageTokens.keys()], card: null };
  const common = { object: 'model', created, owned_by: 'flora-asr', ...plain } as const;
  const ofBase = (): ModelBody => ({
    id: base.name,
    ...common,
    kind: 'base',
    root: base.name,
    parent: null,
    digest: base.digest,
  });
  const ofAlias = (id: string): ModelBody => ({
    id,
    ...common,
    kind: 'alias',
    root: base.name,
    parent: base.name,
    digest: base.digest,
  });
  const ofAdapter = ({ id, manifest, digest, card }: Adapter): ModelBody => {
    const { kind, name, version, language } = manifest;
    const cardPath = card === undefined ? null : `/v1/models/${encodeURIComponent(id)}/card`;
    return {
      id,
      ...common,
      kind,
      root: name,
      parent: base.name,
      version,
      language,
      languages: null,
      digest,
      card: cardPath,
    };
  };
  return {
    list: (): readonly ModelBody[] => [ofBase(), ...adapters.map(ofAdapter), ...aliases.map(ofAlias)],
    /** by any name that a request may use @throws FloraAsrError `model_not_found` */
    find(name: string): ModelBody {
      if (name === base.name) return ofBase();
      const adapter = findAdapter(name, adapters);
      if (adapter !== null) return ofAdapter(adapter);
      if (matchesAlias(name, aliases)) return ofAlias(name);
      throw modelNotFound(name, { base: base.name, aliases, adapters });
    },
  };
}
