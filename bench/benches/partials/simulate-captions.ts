import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import { createPartialPolicy, type PartialPolicySettings } from '../../../asr/streaming/partial-policy.ts';
import { NOTHING_SHOWN, showResult } from '../../../asr/streaming/shown-text.ts';
import { type CaptionTiming, type Display, timeCaptions } from '../latency/caption-timing.ts';

/** An utterance as a stream would hear it: with some silence behind it, until its end is sure. */
export interface SpokenUtterance {
  readonly language: string;
  /** 16 kHz */
  readonly samples: Float32Array;
  readonly speechStartMs: number;
}

export interface SimulationOptions {
  readonly engine: Pick<Engine, 'recognise'>;
  readonly policy: PartialPolicySettings;
  readonly cadenceMs: number;
  /** from when audio is there until what was heard in it is shown */
  readonly turnaroundMs: number;
}

export interface SimulatedCaptions extends CaptionTiming {
  readonly text: string;
}

/**
 * The captions of one utterance, if each partial took the same time: by the utterance's own clock, so that policies
 * are compared and not machines. The rows are those of a stream; the final begins with what was stable.
 */
export async function simulateCaptions(
  { language, samples, speechStartMs }: SpokenUtterance,
  { engine, policy: settings, cadenceMs, turnaroundMs }: SimulationOptions,
): Promise<SimulatedCaptions> {
  const policy = createPartialPolicy(settings);
  const step = (cadenceMs * SAMPLE_RATE_HZ) / 1000;
  const partials: Display[] = [];
  let shown = NOTHING_SHOWN;
  const hear = (heard: Float32Array, deferrable: boolean) => {
    const prefix = shown.stable.tokens;
    return engine.recognise({ language, samples: heard, words: true, deferrable, ...(prefix.length > 0 && { prefix }) });
  };
  for (let end = step; end < samples.length; end += step) {
    const result = await hear(samples.slice(0, end), true);
    shown = showResult(shown, result, { heardMs: toMs(end), policy });
    partials.push({ atMs: toMs(end) + turnaroundMs, words: wordsOf(shown.text) });
  }
  const { text, words } = await hear(samples, false);
  const final: Display = { atMs: toMs(samples.length) + turnaroundMs, words: wordsOf(text) };
  const wordEndMs = words?.length === final.words.length ? words.map(({ endMs }) => endMs) : [];
  return { text, ...timeCaptions({ speechStartMs, partials, final, wordEndMs }) };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function toMs(samples: number): number {
  return (1000 * samples) / SAMPLE_RATE_HZ;
}
