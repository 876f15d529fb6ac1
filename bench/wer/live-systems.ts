import { setTimeout as pause } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { type ReceivedFinal, StreamClient } from '../benches/streams/stream-client.ts';
import type { Utterance } from '../corpora/corpus.ts';
import type { EvalSystem } from './eval-system.ts';
import { type Hypothesis, missingHypothesis, textHypothesis } from './hypothesis.ts';
import { toInt16 } from './wav-file.ts';

export interface LiveOptions {
  /** of the service: `http://…` */
  readonly url: string;
  /** by language: `name@version` */
  readonly adapters: ReadonlyMap<string, string>;
  readonly samplesOf: (utterance: Utterance) => Float32Array;
  readonly signal: AbortSignal;
}

interface LiveStream {
  readonly language: string;
  readonly adapter: string | null;
  readonly utterances: readonly Utterance[];
}

/** An utterance as it was sent. */
export interface SentUtterance<Said> {
  readonly said: Said;
  /** place in the stream */
  readonly startMs: number;
  readonly endMs: number;
  /** when its last sample, and `flush`, had been sent */
  readonly flushedMs: number;
}

const FRAME_MS = 100;
const FRAME_SAMPLES = (FRAME_MS * SAMPLE_RATE_HZ) / 1000;

/**
 * The base model and the adapters through `/v1/stream`: one connection for each language, all at once, utterances one
 * after the other in real time, each ended by `flush`. The latency is from there to the final.
 */
export function liveSystems(options: LiveOptions): { readonly base: EvalSystem; readonly adapter: EvalSystem } {
  const { adapters } = options;
  const hearWith = (adapterOf: (language: string) => string | null): EvalSystem['hear'] => {
    return async (utterances, { onDone }) => {
      let played = 0;
      const onPlayed = () => {
        played += 1;
        onDone(played, utterances.length);
      };
      const languages = [...new Set(utterances.map(({ language }) => language))];
      const streams = languages.map((language) => ({
        language,
        adapter: adapterOf(language),
        utterances: utterances.filter((one) => one.language === language),
      }));
      const heard = await Promise.all(streams.map((stream) => hearStream(stream, options, onPlayed)));
      const byId = new Map(heard.flat());
      return utterances.map(({ id }) => byId.get(id) as Hypothesis);
    };
  };
  return {
    base: { name: 'base', title: 'base', serves: () => true, hear: hearWith(() => null) },
    adapter: {
      name: 'adapter',
      title: 'adapter',
      serves: (language) => adapters.has(language),
      hear: hearWith((language) => adapters.get(language) ?? null),
    },
  };
}

/** @returns ids of the stream's utterances with what was heard of them @throws FloraAsrError `tool_failed` */
async function hearStream(
  { language, adapter, utterances }: LiveStream,
  options: LiveOptions,
  onPlayed: () => void,
): Promise<readonly (readonly [id: string, hypothesis: Hypothesis])[]> {
  const { url, samplesOf, signal } = options;
  const clock = () => performance.now();
  const client = await StreamClient.open({
    url,
    start: { type: 'start', language, encoding: 'pcm_s16le', sample_rate: SAMPLE_RATE_HZ, adapter, endpointing: false },
    clock,
  });
  try {
    const begunMs = clock();
    let sentSamples = 0;
    const sent: SentUtterance<Utterance>[] = [];
    for (const said of utterances) {
      const startMs = toMs(sentSamples);
      const samples = toInt16(samplesOf(said));
      for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
        const frame = samples.slice(at, at + FRAME_SAMPLES);
        sentSamples += frame.length;
        // a frame can be sent when its last sample has been said
        await pause(Math.max(0, begunMs + toMs(sentSamples) - clock()), undefined, { signal });
        client.send(frame);
      }
      client.flush();
      sent.push({ said, startMs, endMs: toMs(sentSamples), flushedMs: clock() });
      onPlayed();
    }
    client.finish();
    await Promise.race([client.ended, aborted(signal)]);
    const { finals, errors, closed } = client.record;
    if (closed?.reason !== 'finish') {
      const reason = errors.at(-1)?.message ?? 'the connection ended without a word';
      throw new FloraAsrError('tool_failed', `The stream in ${language} was cut off: ${reason}`);
    }
    return matchSent(sent, finals).map((hypothesis, index) => [(utterances[index] as Utterance).id, hypothesis]);
  } finally {
    client.abandon();
  }
}

/** What was heard of each: finals whose middle lies in it; one of over 30 s has several. */
export function matchSent<Said>(sent: readonly SentUtterance<Said>[], finals: readonly ReceivedFinal[]): readonly Hypothesis[] {
  return sent.map(({ startMs, endMs, flushedMs }) => {
    const own = finals.filter(({ message: { start, end } }) => {
      const middleMs = 500 * (start + end);
      return middleMs >= startMs && middleMs < endMs;
    });
    const last = own.at(-1);
    if (last === undefined) return missingHypothesis('tool_failed');
    const text = own.map(({ message }) => message.text).filter((words) => words !== '');
    const workMs = own.reduce((sum, { message: { timings } }) => sum + timings.encode_ms + timings.decode_ms, 0);
    const { adapter } = last.message;
    return textHypothesis(text.join(' '), {
      latencyMs: last.receivedMs - flushedMs,
      seconds: workMs / 1000,
      adapter: adapter === null ? null : `${adapter.name}@${adapter.version}`,
    });
  });
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

function toMs(samples: number): number {
  return (1000 * samples) / SAMPLE_RATE_HZ;
}
