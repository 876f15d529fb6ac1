import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The folder that holds whatever can be fetched or computed again: models, compiled graphs, corpora.
 * `$FLORA_ASR_CACHE`, else `flora-asr` below `$XDG_CACHE_HOME`, else below `~/.cache`. Not made here.
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const named = env['FLORA_ASR_CACHE'];
  if (named !== undefined && named !== '') return path.resolve(named);
  const xdg = env['XDG_CACHE_HOME'];
  // the XDG specification: a path that is not absolute is to be ignored
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
  return path.join(base, 'flora-asr');
}
