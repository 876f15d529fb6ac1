import type { Engine } from '../../asr/engine/engine.ts';
import { statsSince } from '../../asr/engine/engine-stats.ts';
import type { RecognitionRequest } from '../../asr/engine/recognition.ts';
import { ENGINE_OPTIONS, type FasterWhisperPeer, type PeerUtterance } from '../peers/faster-whisper.ts';
import { audioSeconds, type EngineRow } from './engine-set.ts';
import { adapterNameOf, BENCH_ADAPTER } from './language-adapters.ts';
import { recogniseAll } from './recognise-all.ts';
import type { MeasuredSystem, Measurement } from './rounds.ts';

interface SystemOptions {
  readonly name: string;
  readonly rounds: number;
  readonly rows: readonly EngineRow[];
}

/** Our engine, all rows submitted at once; the time from the first submission to the last result. */
export function engineSystem(
  engine: Engine,
  { adapted, signal, ...options }: SystemOptions & { readonly adapted: boolean; readonly signal: AbortSignal },
): MeasuredSystem {
  const requests = options.rows.map((row) => requestOf(row, { adapted, signal }));
  const measure = async (): Promise<Measurement> => {
    const before = await engine.stats();
    const begun = performance.now();
    const results = await recogniseAll(engine, requests);
    const seconds = (performance.now() - begun) / 1000;
    const stats = statsSince(await engine.stats(), before);
    const tokens = results.reduce((sum, result) => sum + result.tokens.length, 0);
    return { ...sizeOf(options.rows), tokens, seconds, stats };
  };
  return {
    name: options.name,
    rounds: options.rounds,
    // the whole set: buffers grow to the size that they keep
    warmUp: async () => void (await measure()),
    measure,
  };
}

/** Both kinds of row have the same context; only one is computed with an adapter. */
function requestOf(
  { utterance: { language }, samples, tokenCount }: EngineRow,
  { adapted, signal }: { readonly adapted: boolean; readonly signal: AbortSignal },
): RecognitionRequest {
  const decoding = { guards: false, retries: false, forcedTokenCount: tokenCount } as const;
  const common = { samples, language, decoding, signal };
  return adapted
    ? { ...common, adapter: adapterNameOf(language) }
    : { ...common, adapter: null, context: { tailPositions: BENCH_ADAPTER.contextPolicy.tailPositions } };
}

/** `WhisperModel.transcribe`, one utterance after another; the time within its calls. */
export function peerSystem(peer: FasterWhisperPeer, { name, rounds, rows }: SystemOptions): MeasuredSystem {
  const utterances = rows.map(peerUtterance);
  return {
    name,
    rounds,
    warmUp: async () => {
      for (const utterance of utterances.slice(0, 2)) await peer.transcribe(utterance, ENGINE_OPTIONS);
    },
    measure: async () => {
      let [seconds, tokens] = [0, 0];
      for (const utterance of utterances) {
        const reply = await peer.transcribe(utterance, ENGINE_OPTIONS);
        seconds += reply.seconds;
        tokens += reply.transcript.tokens.length;
      }
      return { ...sizeOf(rows), tokens, seconds, stats: null };
    },
  };
}

/** `BatchedInferencePipeline`, a language at a time; the time within its calls. */
export function batchedPeerSystem(peer: FasterWhisperPeer, { name, rounds, rows }: SystemOptions): MeasuredSystem {
  const utterances = rows.map(peerUtterance);
  return {
    name,
    rounds,
    warmUp: async () => void (await peer.transcribeBatched(utterances.slice(0, 1))),
    measure: async () => {
      const { transcripts, seconds } = await peer.transcribeBatched(utterances);
      const tokens = transcripts.reduce((sum, transcript) => sum + transcript.tokens.length, 0);
      return { ...sizeOf(rows), tokens, seconds, stats: null };
    },
  };
}

function peerUtterance({ utterance: { language }, samples, tokenCount }: EngineRow): PeerUtterance {
  return { samples, language, maxNewTokens: tokenCount };
}

function sizeOf(rows: readonly EngineRow[]): Pick<Measurement, 'utterances' | 'audioSeconds'> {
  return { utterances: rows.length, audioSeconds: audioSeconds(rows) };
}
