import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runProgram } from '../../../asr/process/run-program.ts';
import { cacheFolder } from '../../../asr/weights/cache-folder.ts';
import { type Draw, drawOf } from '../../../bench/benches/draw.ts';
import { normaliseText } from '../../../bench/metrics/normalise.ts';
import { score, scorePair } from '../../../bench/metrics/score.ts';
import { editDistance } from '../../../bench/metrics/wer.ts';
import { preparePythonEnvironment } from '../../../bench/peers/python-environment.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const VERSION = '4.0.0';
const SCRIPT = fileURLToPath(new URL('./jiwer_pairs.py', import.meta.url));
const PAIRS = 400;
const SEED = { seed: 1, resamples: 100 };

/** Words of many scripts, with marks, digits, letters beyond 16 bits, and punctuation beside and within them. */
const WORDS = [
  'una garza ceniza, ¿quién? ¡Señor! un sombrero azul',
  'Голямата синя чапла „лети“ — 25 пъти… не й е лесно',
  'Το κόκκινο φανάρι σημαίνει πως πρέπει να σταματήσεις; όχι',
  'o ceașcă de cafea (espresso) și-un cocoș',
  "Вялікая блакітная чапля пад'ездам сёння",
  "l'àvia vol fer-ho col·legi d’aquí",
  'हिन्दी में बात कर रहे हैं क्षेत्र',
  'এটি একটি বাংলা বাক্য',
  'ตัวอย่าง ภาษา ไทย',
  'नमस्ते 𝄞 𐍈 ½ 3,5 % İstanbul cafe\u0301',
  'ça va très bien, merci. À bientôt !',
].map((line) => line.split(' '));

const jiwerSchema = z.object({
  pairs: z.array(z.object({ words: z.int(), right: z.int(), characters: z.int() })),
  wer: z.number(),
  cer: z.number(),
});
type Pair = readonly [reference: string, hypothesis: string];

/** A text, and what a bad recogniser would make of it: words lost, repeated, exchanged, misspelt, joined, invented. */
function drawPair(draw: Draw): Pair {
  const vocabulary = draw.pick(WORDS);
  const reference = Array.from({ length: draw.whole(1, 12) }, () => draw.pick(vocabulary));
  const hypothesis = reference.flatMap((word): readonly string[] => {
    if (draw.chance(0.6)) return [word];
    const letters = [...word];
    const misspelt = letters.with(draw.whole(0, letters.length - 1), draw.pick([...draw.pick(vocabulary)])).join('');
    return draw.pick([[], [word, word], [draw.pick(vocabulary)], [misspelt], [misspelt, draw.pick(vocabulary)]]);
  });
  const loop = draw.chance(0.05) ? Array.from({ length: draw.whole(5, 60) }, () => draw.pick(vocabulary)) : [];
  return [reference.join(' '), draw.chance(0.05) ? '' : [...hypothesis, ...loop].join(' ')];
}

const drawn = Array.from({ length: PAIRS }, (_, index) => drawPair(drawOf(7, index)));
const newFolder = temporaryFolders();
let python: Awaited<ReturnType<typeof preparePythonEnvironment>>;

beforeAll(async () => {
  const folder = join(cacheFolder(process.env), 'peers', `jiwer-${VERSION}`);
  python = await preparePythonEnvironment({ requirement: `jiwer==${VERSION}`, folder });
});

async function jiwer(pairs: readonly Pair[]): Promise<z.output<typeof jiwerSchema>> {
  const file = join(newFolder(), 'pairs.jsonl');
  writeFileSync(file, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const reply = await runProgram(python.python, [SCRIPT, file], { env: { ...process.env, ...python.env } });
  return jiwerSchema.parse(JSON.parse(reply));
}

const ours = ([reference, hypothesis]: Pair) => scorePair({ reference, hypothesis });

describe(`our error rates and jiwer's (${VERSION}), on ${PAIRS} pairs of many scripts`, () => {
  it('agree on normalised texts: pair by pair, and of the corpus', async () => {
    const kept = drawn.filter((pair) => ours(pair) !== null);
    const theirs = await jiwer(kept.map(([reference, hypothesis]) => [normaliseText(reference), normaliseText(hypothesis)]));
    for (const [index, pair] of kept.entries()) {
      const [errors, their] = [ours(pair), theirs.pairs[index]];
      expect([pair, errors && editDistance(errors.words)]).toEqual([pair, their?.words]);
      expect([pair, errors && editDistance(errors.characters)]).toEqual([pair, their?.characters]);
    }
    const scores = score(
      kept.map(([reference, hypothesis]) => ({ reference, hypothesis })),
      SEED,
    );
    expect(scores.wer).toBeCloseTo(theirs.wer, 12);
    expect(scores.cer).toBeCloseTo(theirs.cer, 12);
  });

  it('agree on texts as they are written', async () => {
    const kept = drawn.filter((pair) => ours(pair) !== null);
    const theirs = await jiwer(
      kept.map(([reference, hypothesis]) => [reference.normalize('NFC'), hypothesis.normalize('NFC')]),
    );
    for (const [index, pair] of kept.entries()) {
      const [errors, their] = [ours(pair), theirs.pairs[index]];
      expect([pair, errors && editDistance(errors.wordsRaw)]).toEqual([pair, their?.words]);
      expect([pair, errors && editDistance(errors.charactersRaw)]).toEqual([pair, their?.characters]);
    }
    const scores = score(
      kept.map(([reference, hypothesis]) => ({ reference, hypothesis })),
      SEED,
    );
    expect(scores.werRaw).toBeCloseTo(theirs.wer, 12);
    expect(scores.cerRaw).toBeCloseTo(theirs.cer, 12);
  });

  it('agree on the words that are right, or have more of them where alignments are equally short', async () => {
    const kept = drawn.filter((pair) => ours(pair) !== null);
    const theirs = await jiwer(kept.map(([reference, hypothesis]) => [normaliseText(reference), normaliseText(hypothesis)]));
    const right = kept.map((pair) => {
      const words = ours(pair)?.words;
      return words === undefined ? 0 : words.referenceLength - words.substitutions - words.deletions;
    });
    const differences = right.map((count, index) => count - (theirs.pairs[index]?.right ?? 0));
    expect(Math.min(...differences)).toBeGreaterThanOrEqual(0);
  });
});
