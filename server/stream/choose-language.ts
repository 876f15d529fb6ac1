import type { SpeechLanguage } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { detectableLanguages } from '../detectable-languages.ts';
import { findAdapter, resolveModel } from '../model-names.ts';
import { AUTO_LANGUAGE, type LanguageMessage, type ServerMessage, type StartMessage } from '../protocol/stream-messages.ts';
import type { ServedEngine } from '../recogniser.ts';

type LanguageEvent = Extract<ServerMessage, { readonly type: 'language' }>;

/** What is spoken from some sample on, and who decodes it. */
export interface ChosenLanguage {
  readonly spoken: SpeechLanguage;
  /** as events say it */
  readonly inForce: Pick<LanguageEvent, 'language' | 'languages' | 'adapter'>;
}

export type AskedLanguage = Pick<LanguageMessage, 'language' | 'languages' | 'adapter'> & Pick<StartMessage, 'model'>;

export interface LanguageScope {
  readonly configuration: Pick<ServerConfiguration, 'modelAliases' | 'detectLanguages' | 'languageDefaults'>;
  readonly engine: ServedEngine;
}

/**
 * What there is not is refused here, before any audio.
 * @throws FloraAsrError `model_not_found`, `adapter_not_found`, `language_unknown`, `request_invalid`
 */
export function chooseLanguage(asked: AskedLanguage, { configuration, engine }: LanguageScope): ChosenLanguage {
  const { language } = asked;
  const { adapters, base } = engine;
  const chosen = resolveModel(asked, { base: base.name, aliases: configuration.modelAliases, adapters });
  const adapter = chosen === undefined ? {} : { adapter: chosen };
  if (language !== AUTO_LANGUAGE) {
    refuseLanguages(asked);
    const description = describeRoute(engine, { language, ...adapter }, 'language');
    return { spoken: { language, ...adapter }, inForce: { language, languages: null, adapter: description } };
  }
  for (const tag of asked.languages ?? []) describeRoute(engine, { language: tag, ...adapter }, 'languages');
  const among = [...(asked.languages ?? detectableLanguages({ ...configuration, adapters }))];
  const inForce = { language, languages: among, adapter: describeAdapter(engine, chosen) };
  return { spoken: { language: { among }, ...adapter }, inForce };
}

function refuseLanguages({ language, languages }: AskedLanguage): void {
  if (languages === undefined) return;
  const either = `languages goes with "language":"auto", but language is "${language}"; leave one of them out.`;
  throw new FloraAsrError('request_invalid', either, { param: 'languages' });
}

/** An unknown language is a field that is wrong, which the engine cannot know. */
function describeRoute(engine: ServedEngine, route: Parameters<ServedEngine['describeRoute']>[0], param: string) {
  try {
    return engine.describeRoute(route);
  } catch (error) {
    if (!(error instanceof FloraAsrError) || error.code !== 'language_unknown') throw error;
    throw new FloraAsrError('language_unknown', error.message, { cause: error, param });
  }
}

/** That which decodes whatever is spoken; null: none, or it is not known yet. */
function describeAdapter({ adapters }: ServedEngine, chosen: string | null | undefined): LanguageEvent['adapter'] {
  const found = typeof chosen === 'string' ? findAdapter(chosen, adapters) : null;
  if (found === null) return null;
  const { digest, manifest } = found;
  return { name: manifest.name, version: manifest.version, digest };
}
