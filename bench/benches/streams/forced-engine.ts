import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import type { ServedEngine } from '../../../server/recogniser.ts';

/** The same engine, but each row generates as many tokens as are said in its time on average, and is tried once. */
export function forcedEngine(engine: ServedEngine, tokensPerSecond: number): ServedEngine {
  return {
    recognise: (request) => {
      const forcedTokenCount = forcedTokens(request.samples.length, tokensPerSecond);
      return engine.recognise({ ...request, decoding: { guards: false, retries: false, forcedTokenCount } });
    },
    detectLanguage: (request) => engine.detectLanguage(request),
    describeRoute: (request) => engine.describeRoute(request),
    tokenBytes: (token) => engine.tokenBytes(token),
    stats: () => engine.stats(),
    view: () => engine.view(),
    base: engine.base,
    config: engine.config,
    get adapters() {
      return engine.adapters;
    },
    get runtime() {
      return engine.runtime;
    },
    get rowsInFlight() {
      return engine.rowsInFlight;
    },
  };
}

/** @param samples of an utterance, at 16 kHz */
export function forcedTokens(samples: number, tokensPerSecond: number): number {
  return Math.max(1, Math.round((tokensPerSecond * samples) / SAMPLE_RATE_HZ));
}
