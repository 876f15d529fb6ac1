import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { JsonLinesProcess } from './json-lines-process.ts';
import { preparePythonEnvironment } from './python-environment.ts';

export const FASTER_WHISPER_VERSION = '1.2.1';

/** Keyword arguments of `WhisperModel.transcribe`, by faster-whisper's own names. */
export interface FasterWhisperOptions {
  readonly beam_size?: number;
  /** a single number: no fallback to higher temperatures */
  readonly temperature?: number;
  readonly without_timestamps?: boolean;
  readonly condition_on_previous_text?: boolean;
  readonly compression_ratio_threshold?: number | null;
  readonly log_prob_threshold?: number | null;
  readonly no_speech_threshold?: number | null;
  readonly vad_filter?: boolean;
}

/** Greedy, and nothing that changes or drops the greedy result. */
export const PARITY_OPTIONS: FasterWhisperOptions = {
  beam_size: 1,
  temperature: 0,
  without_timestamps: true,
  condition_on_previous_text: false,
  compression_ratio_threshold: null,
  log_prob_threshold: null,
  no_speech_threshold: null,
  vad_filter: false,
};

/** Greedy as its users run it; timestamps are as the pipeline used sets them: on for one file, off in batches. */
export const ENGINE_OPTIONS: FasterWhisperOptions = { beam_size: 1, temperature: 0 };

/** As its README recommends it: its own defaults (beam 5, fallback to higher temperatures), with its voice filter. */
export const DEFAULT_OPTIONS: FasterWhisperOptions = { vad_filter: true };

const transcriptSchema = z.object({
  text: z.string(),
  /** of all segments, timestamps included where they are on; without end-of-text */
  tokens: z.array(z.int()),
  /** null if there is no segment */
  avgLogprob: z.number().nullable(),
  compressionRatio: z.number().nullable(),
  noSpeechProb: z.number().nullable(),
});
const loadedSchema = z.object({
  fasterWhisper: z.string(),
  ctranslate2: z.string(),
  python: z.string(),
  computeType: z.string(),
});
const singleReplySchema = z.object({ transcript: transcriptSchema, seconds: z.number() });
const batchedReplySchema = z.object({ transcripts: z.array(transcriptSchema), seconds: z.number() });

export type PeerTranscript = z.infer<typeof transcriptSchema>;
/** What runs, for the report: versions, and the compute type CTranslate2 settled on. */
export type PeerDescription = z.infer<typeof loadedSchema>;

export interface PeerUtterance {
  /** 16 kHz mono, in [-1, 1] */
  readonly samples: Float32Array;
  /** Whisper's language code */
  readonly language: string;
  /** cap on generated tokens; the model's own limit (448 with the prompt) if absent */
  readonly maxNewTokens?: number;
}

export interface PeerStartOptions {
  readonly cacheDir: string;
  /** CTranslate2 folder: model.bin, config.json, tokenizer.json, vocabulary.txt */
  readonly modelDir: string;
  readonly computeType: 'float32' | 'int8';
  readonly cpuThreads: number;
  /** `python3` on the PATH if absent */
  readonly python?: string;
  /** Kills the peer. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

export interface BatchedOptions {
  readonly batchSize?: number;
  readonly options?: FasterWhisperOptions;
}

const SCRIPT = fileURLToPath(new URL('./faster_whisper_peer.py', import.meta.url));

/** faster-whisper in a Python process of its own, over the very samples that our engine gets. */
export class FasterWhisperPeer {
  readonly description: PeerDescription;
  readonly #process: JsonLinesProcess;

  private constructor(process: JsonLinesProcess, description: PeerDescription) {
    this.#process = process;
    this.description = description;
  }

  /**
   * Installs faster-whisper below the cache if it is not there yet, and loads the model.
   * @throws FloraAsrError `weights_not_found`, `tool_missing`, `download_failed`, `tool_failed`, `cancelled`
   */
  static async start(options: PeerStartOptions): Promise<FasterWhisperPeer> {
    const { cacheDir, modelDir, computeType, cpuThreads, python, signal, onProgress } = options;
    await access(join(modelDir, 'model.bin')).catch((cause) => {
      throw new FloraAsrError('weights_not_found', `${modelDir} is no CTranslate2 model: it has no model.bin`, { cause });
    });
    const { python: program, env } = await preparePythonEnvironment({
      requirement: `faster-whisper==${FASTER_WHISPER_VERSION}`,
      folder: join(cacheDir, 'peers', `faster-whisper-${FASTER_WHISPER_VERSION}`),
      ...(python && { python }),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    const process_ = new JsonLinesProcess({
      program,
      args: [SCRIPT],
      env: { ...process.env, ...env, HF_HUB_OFFLINE: '1' },
      ...(signal && { signal }),
    });
    try {
      const loaded = await process_.request('load', { modelDir, computeType, cpuThreads });
      return new FasterWhisperPeer(process_, loadedSchema.parse(loaded));
    } catch (error) {
      await process_.close();
      throw error;
    }
  }

  /** One utterance by `WhisperModel.transcribe`; `seconds` is that call's own time. */
  async transcribe(
    utterance: PeerUtterance,
    options: FasterWhisperOptions,
  ): Promise<{ readonly transcript: PeerTranscript; readonly seconds: number }> {
    const reply = await this.#process.request('transcribe', {
      samples: base64Of(utterance.samples),
      language: utterance.language,
      options: { ...options, ...(utterance.maxNewTokens && { max_new_tokens: utterance.maxNewTokens }) },
    });
    return singleReplySchema.parse(reply);
  }

  /**
   * Many utterances by `BatchedInferencePipeline`, which takes one language and one token cap a call: utterances are
   * sorted by both, and each call gets one full batch of its own, so that no row waits for another language's and the
   * caps within a batch are close. Each batch's cap is its highest.
   * @returns transcripts in the order of `utterances`, and the seconds of all calls together
   */
  async transcribeBatched(
    utterances: readonly PeerUtterance[],
    { batchSize = 16, options = ENGINE_OPTIONS }: BatchedOptions = {},
  ): Promise<{ readonly transcripts: readonly PeerTranscript[]; readonly seconds: number; readonly calls: number }> {
    const transcripts = new Map<PeerUtterance, PeerTranscript>();
    const batches = batchesByLanguage(utterances, batchSize);
    let seconds = 0;
    for (const batch of batches) {
      const reply = await this.#batched(batch, batchSize, options);
      seconds += reply.seconds;
      for (const [i, utterance] of batch.entries()) transcripts.set(utterance, reply.transcripts[i] as PeerTranscript);
    }
    const inOrder = utterances.map((utterance) => transcripts.get(utterance) as PeerTranscript);
    return { transcripts: inOrder, seconds, calls: batches.length };
  }

  /** A long recording by `BatchedInferencePipeline`, cut by its own voice filter. */
  async transcribeFile(
    { samples, language }: PeerUtterance,
    { batchSize = 16, options = ENGINE_OPTIONS }: BatchedOptions = {},
  ): Promise<{ readonly transcript: PeerTranscript; readonly seconds: number }> {
    const reply = await this.#process.request('file', { samples: base64Of(samples), language, batchSize, options });
    return singleReplySchema.parse(reply);
  }

  async close(): Promise<void> {
    await this.#process.close();
  }

  async #batched(batch: readonly PeerUtterance[], batchSize: number, options: FasterWhisperOptions) {
    const maxNewTokens = capOf(batch);
    // The clips stand in for the pipeline's voice filter, which the script turns off itself.
    const { vad_filter: _, ...rest } = options;
    const reply = await this.#process.request('batched', {
      samples: batch.map(({ samples }) => base64Of(samples)),
      language: batch[0]?.language,
      batchSize,
      options: { ...rest, ...(maxNewTokens && { max_new_tokens: maxNewTokens }) },
    });
    const parsed = batchedReplySchema.parse(reply);
    if (parsed.transcripts.length === batch.length) return parsed;
    throw new FloraAsrError('tool_failed', `${parsed.transcripts.length} transcripts came for ${batch.length} utterances`);
  }
}

/** Full batches of one language each, of utterances with similar token caps. */
export function batchesByLanguage(utterances: readonly PeerUtterance[], batchSize: number): readonly PeerUtterance[][] {
  const cap = ({ maxNewTokens = Number.MAX_SAFE_INTEGER }: PeerUtterance) => maxNewTokens;
  return [...new Set(utterances.map(({ language }) => language))].flatMap((language) => {
    const rows = utterances.filter((one) => one.language === language).sort((a, b) => cap(a) - cap(b));
    return Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) => rows.slice(i * batchSize, (i + 1) * batchSize));
  });
}

/** The highest cap of a batch; undefined as soon as one row has none. */
function capOf(batch: readonly PeerUtterance[]): number | undefined {
  const caps = batch.map(({ maxNewTokens }) => maxNewTokens ?? Number.POSITIVE_INFINITY);
  const highest = Math.max(...caps);
  return Number.isFinite(highest) ? highest : undefined;
}

function base64Of(samples: Float32Array): string {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
}
