import pLimit from 'p-limit';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Utterance } from '../corpora/corpus.ts';
import type { EvalSystem } from './eval-system.ts';
import { type Hypothesis, missingHypothesis, textHypothesis } from './hypothesis.ts';
import { wavFile } from './wav-file.ts';

export interface UrlSystemOptions {
  /** of an OpenAI-compatible API, e.g. `http://127.0.0.1:8080/v1` */
  readonly url: string;
  readonly model: string;
  readonly apiKey: string;
  readonly samplesOf: (utterance: Utterance) => Float32Array;
  readonly signal: AbortSignal;
}

const AT_ONCE = 4;
const replySchema = z.object({ text: z.string() });

/**
 * Any service that has `POST /audio/transcriptions`. Nothing is cached: only the service knows what runs behind it. A
 * request that fails leaves its utterance without a text; when all fail, the first one's error is the run's.
 */
export function urlSystem(options: UrlSystemOptions): EvalSystem {
  return {
    name: 'url',
    title: new URL(options.url).host,
    serves: () => true,
    hear: async (utterances, { onDone }) => {
      const turns = pLimit(AT_ONCE);
      const failures: FloraAsrError[] = [];
      let done = 0;
      const hear = async (utterance: Utterance): Promise<Hypothesis> => {
        try {
          return await transcribe(utterance, options);
        } catch (error) {
          options.signal.throwIfAborted();
          if (!(error instanceof FloraAsrError)) throw error;
          failures.push(error);
          return missingHypothesis(error.code);
        } finally {
          done += 1;
          onDone(done, utterances.length);
        }
      };
      const hypotheses = await Promise.all(utterances.map((utterance) => turns(() => hear(utterance))));
      const [first] = failures;
      if (first !== undefined && failures.length === utterances.length) throw first;
      return hypotheses;
    },
  };
}

/** @throws FloraAsrError `tool_failed` */
async function transcribe(utterance: Utterance, options: UrlSystemOptions): Promise<Hypothesis> {
  const { url, model, apiKey, samplesOf, signal } = options;
  const form = new FormData();
  form.set('file', new Blob([wavFile(samplesOf(utterance))], { type: 'audio/wav' }), 'utterance.wav');
  form.set('model', model);
  form.set('language', utterance.language);
  form.set('response_format', 'json');
  const target = `${url.replace(/\/+$/, '')}/audio/transcriptions`;
  const begun = performance.now();
  const headers = { authorization: `Bearer ${apiKey}` };
  try {
    const response = await fetch(target, { method: 'POST', body: form, headers, signal });
    const body = await response.text();
    if (!response.ok) throw new FloraAsrError('tool_failed', `${target} answered ${response.status}: ${body.slice(0, 300)}`);
    const latencyMs = performance.now() - begun;
    return textHypothesis(replySchema.parse(JSON.parse(body)).text.trim(), { latencyMs });
  } catch (cause) {
    if (cause instanceof FloraAsrError) throw cause;
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new FloraAsrError('tool_failed', `${target} gave no transcript: ${reason}`, { cause });
  }
}
