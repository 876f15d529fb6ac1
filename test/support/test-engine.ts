import type { Adapter } from '../../adapters/adapter.ts';
import { AdapterRegistry } from '../../adapters/registry.ts';
import { requireUtterance } from '../../asr/engine/admission.ts';
import { zeroCounters } from '../../asr/engine/engine-stats.ts';
import type { RecognisedWord } from '../../asr/engine/job.ts';
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
  /** from an utterance's arrival to its result, as the result tells it; 10, if left out */
  readonly totalMs?: number;
  /** the language of an utterance, now or later; left out, the first of those that it could be, for certain */
  readonly detect?: (samples: Float32Array, among: readonly string[]) => LanguageFound | Promise<LanguageFound>;
}

interface LanguageFound {
  readonly language: string;
  readonly probability: number;
}

export interface TestEngine extends ServedEngine {
  /** what was admitted, in its order */
  readonly requests: readonly RecognitionRequest[];
}

/** As the tiny model, but it takes utterances of 30 s. */
const CONFIG = { ...TINY, maxContext: 1_500 };
const MS_SAMPLES = 16;
const LANGUAGES = ['el', 'es', 'fr'];

/**
 * An engine without a model: it admits, routes and cancels as the real one does, and "hears" what the test says. A token
 * is a word; words are spread evenly over the audio; what a row's prefix says stands for as many of the words that are
 * heard. Languages are those of the tiny model: el, es, fr.
 */
export function testEngine(options: TestEngineOptions = {}): TestEngine {
  const { adapters = [], languageDefaults = {}, hear = describeAudio, detect = firstLanguage, totalMs = 10 } = options;
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
    tokenBytes: (token) => new TextEncoder().encode(` ${vocabulary[token] ?? ''}`),
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
        const heard = await unlessAborted(Promise.resolve(hear(request)), signal);
        return resultOf(heard, { request, adapter, totalMs });
      } finally {
        rowsInFlight -= 1;
      }
    },
    async detectLanguage({ samples, among, signal }) {
      if (signal?.aborted) throw cancelled();
      requireUtterance(samples, CONFIG.maxContext);
      for (const tag of among) languageToken(CONFIG, tag);
      const asked = among.length === 0 ? LANGUAGES : among;
      const { language, probability } = await unlessAborted(Promise.resolve(detect(samples, asked)), signal);
      return { language, probability, probabilities: { [language]: probability } };
    },
  };
}

function describeAudio({ language, samples }: RecognitionRequest): string {
  return `${language} ${samples.length}`;
}

function firstLanguage(_samples: Float32Array, among: readonly string[]): LanguageFound {
  return { language: among[0] ?? '', probability: 1 };
}

/** By token, all words that were ever said. */
const vocabulary: string[] = [];

function tokenOf(word: string): TokenId {
  const known = vocabulary.indexOf(word);
  return (known === -1 ? vocabulary.push(word) - 1 : known) as TokenId;
}

interface Answered {
  readonly request: RecognitionRequest;
  readonly adapter: Adapter | null;
  readonly totalMs: number;
}

function resultOf(heard: string, { request, adapter, totalMs }: Answered): RecognitionResult {
  const { prefix = [], samples, temperature = 0 } = request;
  const further = heard
    .split(' ')
    .filter((word) => word !== '')
    .map(tokenOf)
    .slice(prefix.length);
  const tokens = [...prefix, ...further];
  const words = tokens.map((token) => vocabulary[token] ?? '');
  return {
    text: words.join(' '),
    tokens,
    tokenLogProbs: words.length === 0 ? [] : [...words, 'end-of-text'].map(() => -0.25),
    words: request.words ? words.map((word, index) => wordAt(index, word, { count: words.length, samples })) : null,
    temperature,
    noSpeechProb: 0.125,
    context: CONFIG.maxContext,
    attempts: 1,
    trips: [],
    timings: { waitMs: 1, featuresMs: 2, encodeMs: 3, decodeMs: 4, totalMs },
    adapter: describeAdapter(adapter),
  };
}

function wordAt(index: number, word: string, { count, samples }: { count: number; samples: Float32Array }): RecognisedWord {
  const atMs = (words: number) => Math.floor((words * samples.length) / (count * MS_SAMPLES));
  return {
    text: index === 0 ? word : ` ${word}`,
    startMs: atMs(index),
    endMs: atMs(index + 1),
    probability: 0.75,
    firstToken: index,
    endToken: index + 1,
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
