import { type CutPlace, type Endpoint, type Endpointer, forcedCut, LONGEST_UTTERANCE_SAMPLES } from './endpointer.ts';
import type { EndedBy } from './speech-event.ts';

/** Utterances end when they are told to, and where they would become longer than 30 s; nothing is left out. */
export function createLengthEndpointer(cutPlace: CutPlace): Endpointer {
  let startSample = 0;
  const until = (endSample: number, endedBy: EndedBy): Endpoint => {
    const utterance = { kind: 'utterance', startSample, endSample, endedBy } as const;
    startSample = endSample;
    return utterance;
  };
  return {
    get neededFrom() {
      return startSample;
    },
    advance(received) {
      const endpoints: Endpoint[] = [];
      while (received - startSample > LONGEST_UTTERANCE_SAMPLES) {
        endpoints.push(until(forcedCut(startSample, cutPlace), 'length'));
      }
      return endpoints;
    },
    cutAt: (sample) => (sample > startSample ? [until(sample, 'length')] : []),
    open: (received) => (received > startSample ? { startSample, endSample: received, settled: false } : null),
    end: (received, endedBy) => (received > startSample ? [until(received, endedBy)] : []),
  };
}
