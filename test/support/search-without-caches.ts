import { tokenLimit } from '../../asr/decoding/token-limit.ts';
import type { UtteranceJob } from '../../asr/engine/job.ts';
import { createLogMel } from '../../asr/features/log-mel.ts';
import type { TokenId } from '../../asr/whisper/config.ts';
import { driveModel } from './drive-model.ts';
import { TINY, type TinyModel } from './tiny-whisper.ts';

interface Text {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** In nats: what is so much less likely than the likeliest text is dropped. */
const MARGIN = 4;

/**
 * Beam search in which each text is fed from its beginning at each step, beside no other. It knows neither guards, nor
 * prefixes, nor retries.
 */
export async function searchWithoutCaches(model: TinyModel, job: UtteranceJob): Promise<Text> {
  const width = job.beamSize;
  const context = job.contexts[0] as number;
  const mel = createLogMel({ mels: TINY.mels })(job.samples, 2 * context);
  const limit = tokenLimit(job.samples.length, { maxTokens: TINY.maxTokens, prompt: job.prompt.length });
  const ways = async (tokens: readonly number[]) => {
    const row = { mel, adapterSlot: job.adapterSlot, tokens: [...job.prompt, ...tokens], joins: 0 };
    const mask = tokens.length === 0 ? 'first' : 'further';
    const [trace] = await driveModel(model, { config: TINY, rows: [{ ...row, mask }], choices: width + 1 });
    return trace?.choices.at(-1) ?? [];
  };
  let live: readonly Text[] = [{ tokens: [], sum: 0 }];
  const complete: (Text & { mean: number })[] = [];
  const cut: (Text & { mean: number })[] = [];
  while (live.length > 0 && complete.length + cut.length < width) {
    const next: { text: Text; token: TokenId; sum: number }[] = [];
    for (const text of live) {
      for (const { token, logProb } of await ways(text.tokens)) next.push({ text, token, sum: text.sum + logProb });
    }
    next.sort((left, right) => right.sum - left.sum);
    const going: Text[] = [];
    const likeliest = Math.max(next[0]?.sum ?? 0, ...[...complete, ...cut].map(({ sum }) => sum));
    for (const { text, token, sum } of next) {
      if (going.length === width || sum < likeliest - MARGIN) break;
      const tokens = [...text.tokens, token];
      if (token === TINY.special.endOfText) complete.push({ tokens: text.tokens, sum, mean: sum / tokens.length });
      else if (tokens.length === limit) cut.push({ tokens, sum, mean: sum / tokens.length });
      else going.push({ tokens, sum });
    }
    live = going;
  }
  const [best] = (complete.length > 0 ? complete : cut).toSorted((left, right) => right.mean - left.mean);
  if (best === undefined) throw new RangeError('no text');
  return best;
}
