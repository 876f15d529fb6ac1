import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import type { BenchContext } from '../benches/bench.ts';
import { startPeer } from '../benches/set-up.ts';
import {
  DEFAULT_OPTIONS,
  ENGINE_OPTIONS,
  FASTER_WHISPER_VERSION,
  type FasterWhisperOptions,
  type FasterWhisperPeer,
} from '../peers/faster-whisper.ts';
import { type Caching, type EvalSystem, hearThroughCache } from './eval-system.ts';
import { textHypothesis } from './hypothesis.ts';

export interface PeerSystemsOptions extends Omit<Caching, 'keyOf'> {
  readonly location: CheckpointLocation;
  readonly threads: number;
}

export interface PeerSystems {
  readonly systems: readonly EvalSystem[];
  close(): Promise<void>;
}

const COMPUTE_TYPE = 'int8';

/** faster-whisper over the same weights in int8: greedy, and as its defaults are. It starts when it has to hear. */
export function fasterWhisperSystems(
  { location, threads, ...caching }: PeerSystemsOptions,
  context: BenchContext,
): PeerSystems {
  let starting: Promise<FasterWhisperPeer> | null = null;
  const peer = () => {
    starting ??= startPeer({ location, computeType: COMPUTE_TYPE, cpuThreads: threads }, context);
    return starting;
  };
  const system = (name: string, title: string, options: FasterWhisperOptions): EvalSystem => {
    const key = {
      system: 'faster-whisper',
      version: FASTER_WHISPER_VERSION,
      weights: location.digest,
      computeType: COMPUTE_TYPE,
      options,
    };
    return {
      name,
      title,
      serves: () => true,
      hear: (utterances, progress) =>
        hearThroughCache(utterances, { ...caching, ...progress, keyOf: () => key }, async (missing, onHeard) => {
          const started = await peer();
          for (const utterance of missing) {
            context.signal.throwIfAborted();
            const spoken = { samples: caching.samplesOf(utterance), language: utterance.language };
            const { transcript, seconds } = await started.transcribe(spoken, options);
            onHeard(utterance, textHypothesis(transcript.text, { seconds }));
          }
        }),
    };
  };
  return {
    systems: [
      system('fasterWhisperGreedy', 'faster-whisper greedy', ENGINE_OPTIONS),
      system('fasterWhisperDefaults', 'faster-whisper defaults', DEFAULT_OPTIONS),
    ],
    close: async () => {
      const started = await starting?.catch(() => null);
      await started?.close();
    },
  };
}
