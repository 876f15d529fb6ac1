import { Counter, Histogram, type Registry } from 'prom-client';
import { boundedLabel, languageLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';

/** Whisper has a hundred languages. */
const MOST_LANGUAGES = 128;
/** Over the life of a process: adapters come and go. */
const MOST_ADAPTERS = 256;
/** Seconds; captions live below 1, files may queue for long. */
const END_TO_FINAL_BUCKETS = [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60];
const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What callers got, by who they are served as. */
export function utteranceInstruments(registry: Registry): Pick<Metrics, 'recognised'> {
  const labelNames = ['protocol', 'language', 'adapter'] as const;
  const common = { labelNames, registers: [registry] };
  const endToFinal = new Histogram({
    ...common,
    name: 'flora_asr_end_to_final_seconds',
    help: 'from the end of an utterance to its words',
    buckets: END_TO_FINAL_BUCKETS,
  });
  const wait = new Histogram({
    ...common,
    name: 'flora_asr_wait_seconds',
    help: 'of that, until its batch began',
    buckets: WAIT_BUCKETS,
  });
  const audio = new Counter({
    ...common,
    name: 'flora_asr_audio_seconds_total',
    help: 'audio of the utterances that were recognised',
  });
  const boundedLanguage = boundedLabel(MOST_LANGUAGES);
  const boundedAdapter = boundedLabel(MOST_ADAPTERS);
  return {
    recognised({ protocol, language, audioMs, result, endToFinalMs }) {
      const { adapter, timings } = result;
      const labels = {
        protocol,
        language: boundedLanguage(languageLabel(language)),
        adapter: adapter === null ? 'none' : boundedAdapter(`${adapter.name}@${adapter.version}`),
      };
      endToFinal.observe(labels, endToFinalMs / 1000);
      // what is not the engine's work on it was waiting: for room in the engine, and there for its turn
      wait.observe(labels, Math.max(0, endToFinalMs - (timings.totalMs - timings.waitMs)) / 1000);
      audio.inc(labels, audioMs / 1000);
    },
  };
}
