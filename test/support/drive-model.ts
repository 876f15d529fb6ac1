import type { Choice } from '../../asr/decoding/beam-search.ts';
import { MASK_KINDS, type MaskKind, maskIndex } from '../../asr/decoding/masks.ts';
import { DecodePool } from '../../asr/engine/decode-pool.ts';
import type { FedRow, RowAnswers, Wishes } from '../../asr/engine/fed-row.ts';
import type { MelFrames } from '../../asr/features/mel-frames.ts';
import type { TokenId, WhisperConfig } from '../../asr/whisper/config.ts';
import { noise } from './tiny-weights.ts';
import type { TinyModel } from './tiny-whisper.ts';

/** A row whose tokens are decided beforehand. */
export interface DrivenRow {
  readonly mel: MelFrames;
  readonly adapterSlot: number;
  /** fed one after the other, whatever the model says */
  readonly tokens: readonly number[];
  /** the step at which it takes its place beside the others */
  readonly joins: number;
  /** so many of the first tokens are fed at once; one after the other, if left out */
  readonly opens?: number;
  readonly mask?: MaskKind;
  /** in place of its kind's */
  readonly ownMask?: Float32Array;
}

/** What the model said at each of a row's tokens. */
export interface RowTrace {
  readonly nextTokens: readonly number[];
  readonly nextLogProbs: readonly number[];
  readonly noSpeechLogProbs: readonly number[];
  /** [tokens][choices], the first of which is the next token */
  readonly choices: readonly (readonly Choice[])[];
  /** [tokens][languages] */
  readonly languageLogProbs: readonly Float32Array[];
  /** [tokens][alignmentHeads · headDim] */
  readonly queries: readonly Float32Array[];
}

export interface Drive {
  readonly config: WhisperConfig;
  readonly rows: readonly DrivenRow[];
  /** by row; the first places if left out */
  readonly places?: readonly number[];
  /** 1 if left out */
  readonly choices?: number;
}

/** Encodes all rows in one batch and decodes them side by side, each from the step at which it joins. */
export async function driveModel(
  { encoder, decoder }: TinyModel,
  { config, rows, places, choices = 1 }: Drive,
): Promise<readonly RowTrace[]> {
  const wishes: Wishes = { choices, queries: true, languages: true };
  const at = places ?? rows.map((_, index) => index);
  const width = Math.max(...at) + 1;
  const pool = new DecodePool(config, { context: config.maxContext, slots: width });
  const encoded = await encoder.encode(rows);
  for (const [index, one] of encoded.entries()) pool.join(at[index] as number, one);
  const traces = rows.map(() => new Trace());
  if (rows.some(({ opens }) => opens !== undefined)) {
    const openings = rows.map((row) => fedRow(row, 0, row.opens ?? 1));
    for (const [index, opened] of (await decoder.open(encoded, openings, wishes)).entries()) {
      pool.append(at[index] as number, opened.keysValues, 0);
      traces[index]?.add(opened);
    }
  }
  const steps = Math.max(...rows.map((row) => row.joins + row.tokens.length));
  for (let step = 0; step < steps; step += 1) {
    const fed: (FedRow | null)[] = Array.from({ length: width }, () => null);
    const stepping = [...rows.entries()].filter(([index, row]) => isDecoding(row, step, traces[index]?.nextTokens.length ?? 0));
    for (const [index, row] of stepping) fed[at[index] as number] = fedRow(row, step - row.joins, 1);
    if (stepping.length === 0) continue;
    const outputs = await decoder.step(pool, fed, wishes);
    for (const [index] of stepping) traces[index]?.add(outputs.rows[at[index] as number] as RowAnswers);
  }
  return traces;
}

/** Some of a row's tokens, with an answer to each. */
function fedRow({ tokens, adapterSlot, mel, mask, ownMask }: DrivenRow, position: number, count: number): FedRow {
  const fed = tokens.slice(position, position + count) as TokenId[];
  const maskKind = maskIndex(mask ?? MASK_KINDS[0]);
  const asked = fed.map((_, index) => ({ index, maskKind, ownMask: ownMask ?? null, given: null }));
  return { tokens: fed, position, adapterSlot, context: mel.frames / 2, asked };
}

class Trace implements RowTrace {
  readonly nextTokens: number[] = [];
  readonly nextLogProbs: number[] = [];
  readonly noSpeechLogProbs: number[] = [];
  readonly choices: (readonly Choice[])[] = [];
  readonly languageLogProbs: Float32Array[] = [];
  readonly queries: Float32Array[] = [];

  add({ answers, queries }: RowAnswers): void {
    for (const { choices, noSpeechLogProb, languageLogProbs } of answers) {
      const [{ token, logProb }] = choices as [Choice];
      this.choices.push(choices);
      this.nextTokens.push(token);
      this.nextLogProbs.push(logProb);
      this.noSpeechLogProbs.push(noSpeechLogProb);
      this.languageLogProbs.push(languageLogProbs ?? new Float32Array(0));
    }
    this.queries.push(...(queries ?? []));
  }
}

function isDecoding({ joins, tokens }: DrivenRow, step: number, done: number): boolean {
  return step - joins >= done && step - joins < tokens.length;
}

/** Features of nothing in particular. */
export function randomMel(
  random: () => number,
  { mels, context, loudness = 1 }: { mels: number; context: number; loudness?: number },
): MelFrames {
  const frames = 2 * context;
  return { values: noise(random, mels * frames, loudness), mels, frames };
}
