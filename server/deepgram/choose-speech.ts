import type { LanguageChoice } from '../../asr/streaming/language-choice.ts';
import type { SpeechLanguage } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { detectableLanguages } from '../detectable-languages.ts';
import { resolveModel } from '../model-names.ts';
import type { ServedEngine } from '../recogniser.ts';
import type { AskedLanguage, ListenQuery } from './listen-query.ts';

export interface SpeechScope {
  readonly configuration: Pick<ServerConfiguration, 'modelAliases' | 'detectLanguages' | 'languageDefaults'>;
  readonly engine: Pick<ServedEngine, 'base' | 'adapters' | 'describeRoute'>;
}

/** Deepgram's models for `/v1/listen`; `nova-3-medical` is one of `nova-*`. */
const DEEPGRAM_MODELS: readonly string[] = [
  'nova',
  'nova-*',
  'enhanced',
  'enhanced-*',
  'base',
  'base-*',
  'general',
  'meeting',
  'phonecall',
  'finance',
  'conversationalai',
  'voicemail',
  'video',
  'medical',
  'custom',
];

/**
 * The language and adapter that a query asks for. Deepgram's model names let the language decide.
 * @throws FloraAsrError `model_not_found`, `language_unknown`, `adapter_ambiguous`, with the parameter
 */
export function chooseSpeech({ model, language: asked }: ListenQuery, { configuration, engine }: SpeechScope): SpeechLanguage {
  const { modelAliases, detectLanguages, languageDefaults } = configuration;
  const { base, adapters } = engine;
  const aliases = [...new Set([...modelAliases, ...DEEPGRAM_MODELS])];
  const adapter = resolveModel({ model }, { base: base.name, aliases, adapters });
  const language = choiceOf(asked, detectableLanguages({ detectLanguages, languageDefaults, adapters }));
  const route = adapter === undefined ? {} : { adapter };
  const param = typeof asked === 'string' ? 'language' : 'detect_language';
  for (const tag of typeof language === 'string' ? [language] : language.among) {
    requireRoute(() => engine.describeRoute({ language: tag, ...route }), param);
  }
  return { language, ...route };
}

function choiceOf(asked: AskedLanguage, served: readonly string[]): LanguageChoice {
  if (typeof asked === 'string') return asked;
  return { among: asked.among === 'served' ? served : asked.among };
}

/** An unknown language is a parameter that is wrong, which the engine cannot know. */
function requireRoute(describe: () => unknown, param: string): void {
  try {
    describe();
  } catch (error) {
    if (!(error instanceof FloraAsrError) || error.code !== 'language_unknown') throw error;
    throw new FloraAsrError('language_unknown', error.message, { cause: error, param });
  }
}
