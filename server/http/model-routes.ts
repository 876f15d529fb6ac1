import type { IRouter, RequestHandler } from 'express';
import type { Adapter } from '../../adapters/adapter.ts';
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
}

/** @throws FloraAsrError `starting`, `draining`, `engine_closed` */
function modelsOf(service: Service, created: number) {
  const { base, adapters } = service.recogniser().engine;
  const aliases = service.configuration.modelAliases;
  const common = { object: 'model', created, owned_by: 'flora-asr', version: null, language: null } as const;
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
  const ofAdapter = ({ id, manifest, digest }: Adapter): ModelBody => {
    const { kind, name, version, language } = manifest;
    return { id, ...common, kind, root: name, parent: base.name, version, language, digest };
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
