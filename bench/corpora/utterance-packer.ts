import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { isSpoken, type Split } from './corpus.ts';
import {
  type CorpusProblem,
  type LeftOutCounts,
  type LeftOutReason,
  type PackedUtterance,
  packedIndexText,
} from './packed-corpus.ts';

export interface PackerOptions {
  /** an empty folder */
  readonly folder: string;
  /** shorter utterances are left out */
  readonly minSeconds: number;
  /** longer utterances are left out */
  readonly maxSeconds: number;
}

/** An utterance to be packed, all but its samples. */
export interface UtteranceCandidate {
  readonly id: string;
  readonly audioPath: string;
  readonly text: string;
  readonly language: string;
  readonly split: Split;
  readonly speaker?: string;
  /** the duration that decides over it; that of its samples if absent */
  readonly statedSeconds?: number;
}

interface SampleFile {
  readonly file: FileHandle;
  samples: number;
}

/** Appends utterances to their languages' sample files, and keeps the books. */
export class UtterancePacker {
  readonly #options: PackerOptions;
  readonly #files = new Map<string, SampleFile>();
  readonly #utterances: PackedUtterance[] = [];
  readonly #leftOut: Record<string, Record<string, number>> = {};

  constructor(options: PackerOptions) {
    this.#options = options;
  }

  get utterances(): number {
    return this.#utterances.length;
  }

  leaveOut(language: string, reason: LeftOutReason, count = 1): void {
    const counts = this.#leftOut[language] ?? {};
    this.#leftOut[language] = { ...counts, [reason]: (counts[reason] ?? 0) + count };
  }

  /**
   * @param pcm 16 kHz mono, signed 16 bits, little-endian; null if it could not be decoded
   * @returns why it was left out, null if it was not
   */
  async add(candidate: UtteranceCandidate, pcm: Buffer | null): Promise<LeftOutReason | null> {
    const { statedSeconds, ...utterance } = candidate;
    const samples = pcm === null ? 0 : Math.floor(pcm.length / 2);
    const seconds = statedSeconds ?? samples / SAMPLE_RATE_HZ;
    const reason = samples === 0 ? 'undecodable' : this.#outsideLimits(seconds);
    if (pcm === null || reason !== null) {
      this.leaveOut(utterance.language, reason ?? 'undecodable');
      return reason ?? 'undecodable';
    }
    const target = await this.#fileOf(utterance.language);
    await target.file.write(pcm.subarray(0, samples * 2));
    const spoken = isSpoken(utterance.text, seconds);
    this.#utterances.push({ ...utterance, spoken, firstSample: target.samples, samples });
    target.samples += samples;
    return null;
  }

  /** Writes `index.json`, which makes a corpus of the folder. */
  async writeIndex(about: {
    readonly name: string;
    readonly source: string;
    readonly languages: readonly string[];
    readonly problems?: readonly CorpusProblem[];
    readonly listingDigest?: string;
  }): Promise<void> {
    const leftOut: Record<string, LeftOutCounts> = {};
    for (const language of about.languages) leftOut[language] = {};
    Object.assign(leftOut, this.#leftOut);
    const text = packedIndexText({
      ...about,
      languages: [...about.languages],
      problems: [...(about.problems ?? [])],
      leftOut,
      utterances: this.#utterances,
    });
    await writeFile(join(this.#options.folder, 'index.json'), text);
  }

  async close(): Promise<void> {
    for (const { file } of this.#files.values()) await file.close();
  }

  #outsideLimits(seconds: number): LeftOutReason | null {
    if (seconds < this.#options.minSeconds) return 'tooShort';
    return seconds > this.#options.maxSeconds ? 'tooLong' : null;
  }

  async #fileOf(language: string): Promise<SampleFile> {
    const known = this.#files.get(language);
    if (known !== undefined) return known;
    const opened = { file: await open(join(this.#options.folder, `${language}.pcm`), 'w'), samples: 0 };
    this.#files.set(language, opened);
    return opened;
  }
}
