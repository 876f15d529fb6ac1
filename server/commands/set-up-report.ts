import type { EngineEvent } from '../../asr/engine/engine-options.ts';
import type { WeightEvent } from '../../asr/weights/weight-events.ts';
import { progressBar } from './progress-bar.ts';
import { weightReport } from './weight-report.ts';

export interface SetUpReport {
  readonly onWeights: (event: WeightEvent) => void;
  readonly onEngine: (event: EngineEvent) => void;
  /** before anything else is written */
  readonly end: () => void;
}

/** Tells what is pulled and compiled before the first utterance; says nothing when all of it is in the cache. */
export function setUpReport(stream: NodeJS.WriteStream): SetUpReport {
  const weights = weightReport(stream);
  const bar = progressBar(stream);
  const end = () => {
    weights.end();
    bar.end();
  };
  return {
    onWeights: (event) => {
      if (event.kind !== 'source' || event.source !== 'cache') weights.onEvent(event);
    },
    onEngine: (event) => {
      if (event.kind === 'compiling') {
        weights.end();
        const { graph, writtenBytes, totalBytes } = event;
        return bar.update({ title: `Compiling ${graph}`, done: writtenBytes, total: totalBytes, unit: 'bytes' });
      }
      end();
      if (event.kind === 'given-up') return; // each row fails with the reason
      stream.write(`${event.cause.message} It was started again; ${event.replayedRows} utterances are done anew.\n`);
    },
    end,
  };
}
