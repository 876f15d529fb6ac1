import type { Adapter } from '../../adapters/adapter.ts';
import { AdapterRegistry } from '../../adapters/registry.ts';
import { requireUtterance } from '../../asr/engine/admission.ts';
import { zeroCounters } from '../../asr/engine/engine-stats.ts';
import type { RecognitionRequest, RecognitionResult } from '../../asr/engine/recognition.ts';
import type { TokenId } from '../../asr/whisper/config.ts';
import { languageToken } from '../../asr/whisper/prompt.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServedEngine } from '../../server/recogniser.ts';
import { TINY, TINY_BASE } from './tiny-whisper.ts';

export interface TestEngineOptions {
  readonly adapters?: readonly Adapter[];
  readonly languageDefaults?: Readonly<Record<string, string>>;
  /** the words of an utterance, now or later; left out, its language and how long it is */
  readonly hear?: (request: RecognitionRequest) => string | Promise<string>;
}

export interface TestEngine extends ServedEngine {
  /** what was admitted, in its order */
  readonly requests: readonly RecognitionRequest[];
}

/** As the tiny model, but it takes utterances of 30 s. */
const CONFIG = { ...TINY, maxContext: 1_500 };
const TOKEN = 9 as TokenId;

/**
 * An engine without a model: it admits, routes and cancels as the real one does, and "hears" what the test says.
 * Languages are those of the tiny model: el, es, fr.
 */
export function testEngine({ adapters = [], languageDefaults = {}, hear = describeAudio }: TestEngineOptions = {}): TestEngine {
  const registry = new AdapterRegistry(languageDefaults);
  for (const adapter of adapters) registry.add(adapter);
  const requests: RecognitionRequest[] = [];
  let rowsInFlight = 0;
  return {
    config: CONFIG,
    base: { ...TINY_BASE, targets: [] },
    requests,
    get adapters() {
      return registry.list();
    },
    get rowsInFlight() {
      return rowsInFlight;
    },
    get runtime(): ServedEngine['runtime'] {
      throw new FloraAsrError('engine_closed', 'The engine of the tests has no runtime.');
    },
    tokenBytes: (token) => new TextEncoder().encode(` ${token}`),
    stats: async () => zeroCounters(),
    view: async () => ({ stats: zeroCounters(), rows: [], waitingRows: 0, pools: [], encoded: [] }),
    describeRoute({ language, adapter: wanted }) {
      languageToken(CONFIG, language);
      return describeAdapter(registry.route(wanted === undefined ? { language } : { language, adapter: wanted }));
    },
    async recognise(request) {
      const { signal, language, adapter: wanted } = request;
      if (signal?.aborted) throw cancelled();
      requireUtterance(request.samples, CONFIG.maxContext);
      languageToken(CONFIG, language);
      const adapter = registry.route(wanted === undefined ? { language } : { language, adapter: wanted });
      requests.push(request);
      rowsInFlight += 1;
      try {
        return resultOf(await unlessAborted(Promise.resolve(hear(request)), signal), adapter);
      } finally {
        rowsInFlight -= 1;
      }
    },
  };
}

function describeAudio({ language, samples }: RecognitionRequest): string {
  return `${language} ${samples.length}`;
}

function resultOf(text: string, adapter: Adapter | null): RecognitionResult {
  const words = text.split(' ').filter((word) => word !== '');
  return {
    text,
    tokens: words.map(() => TOKEN),
    tokenLogProbs: words.length === 0 ? [] : [...words, 'end-of-text'].map(() => -0.25),
    words: null,
    temperature: 0,
    noSpeechProb: 0.125,
    context: CONFIG.maxContext,
    attempts: 1,
    trips: [],
    timings: { waitMs: 1, featuresMs: 2, encodeMs: 3, decodeMs: 4, totalMs: 10 },
    adapter: describeAdapter(adapter),
  };
}

function describeAdapter(adapter: Adapter | null): RecognitionResult['adapter'] {
  if (adapter === null) return null;
  const { name, version } = adapter.manifest;
  return { name, version, digest: adapter.digest };
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  let cancel = () => {};
  const aborted = new Promise<never>((_, reject) => {
    cancel = () => reject(cancelled());
  });
  signal?.addEventListener('abort', cancel, { once: true });
  return Promise.race([work, aborted]).finally(() => signal?.removeEventListener('abort', cancel));
}

function cancelled(): FloraAsrError {
  return new FloraAsrError('cancelled', 'The recognition was cancelled.');
}
