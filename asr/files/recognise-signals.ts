import { cancelled, throwIfCancelled } from '../audio/cancelled.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import type { Endpointing } from '../streaming/endpointing.ts';
import type { SpeechEvent } from '../streaming/speech-event.ts';
import {
  type SpeechLanguage,
  type SpeechRecognition,
  SpeechStream,
  type SpeechStreamOptions,
} from '../streaming/speech-stream.ts';
import { createTimeOrder } from './time-order.ts';

export interface SignalsRequest
  extends SpeechLanguage,
    Pick<SpeechStreamOptions, 'context' | 'task' | 'prompt' | 'hotWords' | 'temperature' | 'words'> {
  readonly endpointing: Endpointing;
  readonly signal?: AbortSignal;
  /** called for each utterance, by time, as soon as it is there and none before it is missing */
  readonly onFinal?: (final: Final) => void;
}

export type Final = Extract<SpeechEvent, { readonly kind: 'final' }>;

/** Pushed at once. */
const PIECE_SAMPLES = SAMPLE_RATE_HZ;
/** What one file may have in front of the detector, so that streams get their turns there. */
const MOST_UNHEARD_MS = 2_000;
/** Utterances of one file that wait or are recognised: enough to fill the batch, whatever else there is. */
const MOST_PENDING = 64;

/**
 * Recognises signals that are there already, as a stream that comes no faster than it is served. The first utterance
 * that fails ends it.
 * @param signals 16 kHz, of one length
 * @returns by channel, then by time
 * @throws FloraAsrError `cancelled`, and why an utterance failed
 */
export async function recogniseSignals(
  signals: readonly Float32Array[],
  { signal, onFinal, ...request }: SignalsRequest,
  recognition: Omit<SpeechRecognition, 'clock'>,
): Promise<readonly Final[]> {
  throwIfCancelled(signal);
  const finals: Final[] = [];
  const inTime = createTimeOrder<Final>(signals.length, (final) => onFinal?.(final));
  const stopping = new AbortController();
  let onProgress = () => {};
  const stream = new SpeechStream({
    ...request,
    recognition: { ...recognition, clock: () => 0 },
    sampleRateHz: SAMPLE_RATE_HZ,
    channels: signals.length,
    urgency: 'file',
    onEvent: (event) => {
      if (event.kind === 'final') {
        finals.push(event);
        inTime.take(event);
      }
      if (event.kind === 'failed') stopping.abort(event.error);
    },
    onProgress: () => {
      inTime.settle(stream.settledMs);
      onProgress();
    },
  });
  stopping.signal.addEventListener('abort', () => {
    stream.cancel();
    onProgress();
  });
  const stop = () => signal && stopping.abort(cancelled(signal));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const progress = async () => new Promise<void>((resolve) => (onProgress = resolve));
    await pushAll(signals, stream, { progress, stopped: stopping.signal });
    inTime.settle(Infinity);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.cancel();
  }
  return finals.sort((left, right) => left.channel - right.channel);
}

interface Pace {
  readonly progress: () => Promise<void>;
  readonly stopped: AbortSignal;
}

async function pushAll(signals: readonly Float32Array[], stream: SpeechStream, { progress, stopped }: Pace): Promise<void> {
  const length = Math.max(...signals.map((samples) => samples.length));
  for (let start = 0; start < length; start += PIECE_SAMPLES) {
    stream.push(signals.map((samples) => samples.subarray(start, start + PIECE_SAMPLES)));
    while (stream.unheardMs > MOST_UNHEARD_MS || stream.pendingUtterances >= MOST_PENDING) {
      await progress();
      stopped.throwIfAborted();
    }
  }
  await stream.finish();
  stopped.throwIfAborted();
}
