import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { trainingTokens } from '../../../bench/training/training-tokens.ts';
import { realCheckpoint, speechFixtures, startRealEngine } from '../../support/real-engine.ts';

it('What Whisper writes by itself has the tokens that we would teach for its text', async () => {
  const location = await realCheckpoint();
  const { config, tensors } = openCheckpoint(location);
  tensors.close();
  const tokenizer = openTokenizer(location.tokenizerPath);
  const pieces = (await speechFixtures()).filter(({ language }) => language === 'es');
  const engine = await startRealEngine();
  try {
    for (const piece of pieces) {
      const { text, tokens } = await engine.recognise(piece);
      expect(trainingTokens(text, piece.samples.length, { config, tokenizer })).toEqual({ kind: 'fits', tokens });
    }
  } finally {
    await engine.close();
  }
});
