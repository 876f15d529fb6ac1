import { expect, it } from 'vitest';
import { Teacher } from '../../../asr/training/teacher.ts';
import { NO_TARGET } from '../../../asr/training/training-row.ts';
import { naiveDecoderStates, naiveEncode } from '../../support/naive-whisper.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { relativeError } from '../../support/tiny-weights.ts';
import { rowOf, SMALL, SMALL_TENSORS, smallFiles } from './small-training.ts';

const newFolder = temporaryFolders();

it('A teacher knows plain Whisper’s hidden states: at the row’s targets, and over the utterance’s own length', async () => {
  const teacher = await Teacher.open(smallFiles(newFolder()));
  try {
    const { row } = rowOf(0, 7, { context: SMALL.maxContext, text: 4 });
    const ownPositions = 11;
    const { hidden, encoder, encodedPositions } = await teacher.statesOf(row, ownPositions);
    expect(encodedPositions).toBe(ownPositions);

    const model = { config: SMALL, tensors: SMALL_TENSORS, adapter: null };
    const encoded = naiveEncode(model, row.mel);
    expect(encoder).toHaveLength(ownPositions * SMALL.dim);
    expect(relativeError(encoder, encoded.slice(0, ownPositions).flat())).toBeLessThan(1e-5);

    const states = naiveDecoderStates(model, encoded, row.inputTokens);
    const atTargets = states.filter((_, position) => row.targetTokens[position] !== NO_TARGET);
    expect(hidden).toHaveLength(5 * SMALL.dim); // four words and end-of-text
    expect(relativeError(hidden, atTargets.flat())).toBeLessThan(1e-5);
  } finally {
    await teacher.close();
  }
});
