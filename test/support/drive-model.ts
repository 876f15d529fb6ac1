import { MASK_KINDS, type MaskKind, maskIndex } from '../../asr/decoding/masks.ts';
import { DecodePool } from '../../asr/engine/decode-pool.ts';
import type { WhisperModel } from '../../asr/engine/whisper-model.ts';
import type { MelFrames } from '../../asr/features/mel-frames.ts';
import type { WhisperConfig } from '../../asr/whisper/config.ts';
import { noise } from './tiny-weights.ts';

/** A row whose tokens are decided beforehand. */
export interface DrivenRow {
  readonly mel: MelFrames;
  readonly adapterSlot: number;
  /** fed one after the other, whatever the model says */
  readonly tokens: readonly number[];
  /** the step at which it takes its place beside the others */
  readonly joins: number;
  readonly mask?: MaskKind;
  /** in place of its kind's */
  readonly ownMask?: Float32Array;
}

/** What the model said at each of a row's tokens. */
export interface RowTrace {
  readonly nextTokens: readonly number[];
  readonly nextLogProbs: readonly number[];
  readonly noSpeechLogProbs: readonly number[];
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
}

/** Encodes all rows in one batch and decodes them side by side, each from the step at which it joins. */
export async function driveModel(model: WhisperModel, { config, rows, places }: Drive): Promise<readonly RowTrace[]> {
  const at = places ?? rows.map((_, index) => index);
  const width = Math.max(...at) + 1;
  const pool = new DecodePool(config, { context: config.maxContext, slots: width });
  const encoded = await model.encode(rows);
  for (const [index, one] of encoded.entries()) pool.join(at[index] as number, one);
  const traces = rows.map(() => ({
    nextTokens: [] as number[],
    nextLogProbs: [] as number[],
    noSpeechLogProbs: [] as number[],
    languageLogProbs: [] as Float32Array[],
    queries: [] as Float32Array[],
  }));
  const ownMasks: (Float32Array | null)[] = Array.from({ length: width }, () => null);
  for (const [index, row] of rows.entries()) ownMasks[at[index] as number] = row.ownMask ?? null;
  const steps = Math.max(...rows.map((row) => row.joins + row.tokens.length));
  for (let step = 0; step < steps; step += 1) {
    const column = (value: (row: DrivenRow) => number, absent: number) => {
      const values = new Int32Array(width).fill(absent);
      for (const [index, row] of rows.entries()) {
        if (isDecoding(row, step)) values[at[index] as number] = value(row);
      }
      return values;
    };
    const positions = column((row) => step - row.joins, -1);
    if (positions.every((position) => position === -1)) continue;
    const outputs = await model.step(pool, {
      tokens: column((row) => row.tokens[step - row.joins] as number, 0),
      positions,
      adapterSlots: column((row) => row.adapterSlot, 0),
      maskKinds: column((row) => maskIndex(row.mask ?? MASK_KINDS[0]), 0),
      contexts: column((row) => row.mel.frames / 2, 0),
      ownMasks,
      withQueries: true,
      withLanguages: true,
    });
    for (const [index, row] of rows.entries()) {
      if (!isDecoding(row, step)) continue;
      const place = at[index] as number;
      traces[index]?.nextTokens.push(outputs.nextTokens[place] as number);
      traces[index]?.nextLogProbs.push(outputs.nextLogProbs[place] as number);
      traces[index]?.noSpeechLogProbs.push(outputs.noSpeechLogProbs[place] as number);
      traces[index]?.languageLogProbs.push(partOf(outputs.languageLogProbs, place, width));
      traces[index]?.queries.push(partOf(outputs.alignmentQueries, place, width));
    }
  }
  return traces;
}

function partOf(output: Float32Array | null, place: number, rows: number): Float32Array {
  const size = (output?.length ?? 0) / rows;
  return (output ?? new Float32Array(0)).slice(place * size, (place + 1) * size);
}

function isDecoding({ joins, tokens }: DrivenRow, step: number): boolean {
  return step >= joins && step - joins < tokens.length;
}

/** Features of nothing in particular. */
export function randomMel(
  random: () => number,
  { mels, context, loudness = 1 }: { mels: number; context: number; loudness?: number },
): MelFrames {
  const frames = 2 * context;
  return { values: noise(random, mels * frames, loudness), mels, frames };
}
