import { BatchLoop } from '../../asr/engine/batch-loop.ts';
import { encodeJobs } from '../../asr/engine/encoder.ts';
import {
  DEFAULT_DECODING,
  type DecodingSettings,
  NOTHING_MORE,
  type Recognition,
  type UtteranceJob,
} from '../../asr/engine/job.ts';
import type { RowId, ScheduleLimits } from '../../asr/engine/schedule.ts';
import type { TokenId } from '../../asr/whisper/config.ts';
import { promptTokens } from '../../asr/whisper/prompt.ts';
import { seededRandom } from '../../bench/benches/draw.ts';
import { noise } from './tiny-weights.ts';
import { TINY, TINY_TOKENIZER, type TinyModel } from './tiny-whisper.ts';

const POOLS = [
  { context: 40, places: 4 },
  { context: TINY.maxContext, places: 3 },
];
const LIMITS: ScheduleLimits = {
  maxWaitMs: 15,
  togetherMs: 100,
  maxEncodeRows: 4,
  maxEncodePositions: 300,
  maxEncodePadding: 0.5,
};

/** How a job of the tests differs from others. */
export interface JobSeed {
  readonly seed: number;
  /** length of its audio */
  readonly positions: number;
  readonly adapterSlot: number;
  readonly loudness?: number;
  readonly language?: number;
  readonly decoding?: Partial<DecodingSettings>;
  /** what it asks for beside its words */
  readonly more?: Partial<UtteranceJob>;
}

/** An utterance of noise, with three attempts: its own length, more, and all. */
export function tinyJob(
  id: number,
  { seed, positions, adapterSlot, loudness = 0.1, language = 42, decoding = {}, more = {} }: JobSeed,
): UtteranceJob {
  const contexts = [positions, Math.min(positions + 20, TINY.maxContext), TINY.maxContext];
  return {
    ...NOTHING_MORE,
    ...more,
    id: id as RowId,
    samples: noise(seededRandom(seed), positions * 320, loudness),
    prompt: promptTokens(TINY, language as TokenId),
    adapterSlot,
    contexts: [...new Set(contexts)],
    decoding: { ...DEFAULT_DECODING, ...decoding },
  };
}

/** A batch loop over the tiny model, whose clock goes on by a millisecond whenever it is read. */
export class TinyLoop {
  readonly loop: BatchLoop;
  readonly results = new Map<RowId, Recognition>();
  readonly failures = new Map<RowId, unknown>();
  readonly languages = new Map<RowId, readonly number[]>();
  #nowMs = 0;

  constructor({ encoder, decoder }: TinyModel) {
    this.loop = new BatchLoop({
      encoder: { encode: (jobs) => encodeJobs(encoder, jobs) },
      decoder,
      config: TINY,
      tokenizer: TINY_TOKENIZER,
      pools: POOLS,
      limits: LIMITS,
      clock: () => this.#nowMs++,
      onResult: (id, recognition) => this.#once(id, () => this.results.set(id, recognition)),
      onLanguages: (id, logProbs) => this.#once(id, () => this.languages.set(id, logProbs)),
      onFailure: (id, error) => this.#once(id, () => this.failures.set(id, error)),
    });
  }

  /** Takes turns until there is nothing left to do. */
  async finish(): Promise<void> {
    for (;;) {
      const progress = await this.loop.turn();
      if (progress.kind === 'worked') continue;
      if (progress.encoded !== null) await progress.encoded;
      else if (progress.untilMs === null) return;
      else this.#nowMs = Math.max(this.#nowMs, progress.untilMs);
    }
  }

  #once(id: RowId, keep: () => void): void {
    if ([this.results, this.failures, this.languages].some((ended) => ended.has(id))) throw new Error(`row ${id} ended twice`);
    keep();
  }
}

/** What the model makes of a job when it is alone. */
export async function soloResult(model: TinyModel, job: UtteranceJob): Promise<Spoken> {
  const solo = new TinyLoop(model);
  solo.loop.submit(job);
  await solo.finish();
  const result = solo.results.get(job.id);
  if (result === undefined) throw new Error(`row ${job.id} has no result`, { cause: solo.failures.get(job.id) });
  return spoken(result);
}

export type Spoken = Omit<Recognition, 'timings'> & { readonly timings: null };

/** A result without its times, which depend on the neighbours. */
export function spoken(result: Recognition): Spoken {
  return { ...result, timings: null };
}
