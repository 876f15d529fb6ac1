import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchLoop } from '../../../asr/engine/batch-loop.ts';
import { MOST_ENCODED, RowLabels } from '../../../asr/engine/batch-view.ts';
import type { RowId } from '../../../asr/engine/schedule.ts';
import { TinyLoop, tinyJob } from '../../support/tiny-loop.ts';
import { openTinyModel, type TinyModel, tinyAdapter } from '../../support/tiny-whisper.ts';

/** Gives the encoder its first batch, and waits for it. */
async function encodedBy(loop: BatchLoop): Promise<void> {
  const progress = await loop.turn();
  if (progress.kind === 'idle') await progress.encoded;
}

describe('the view of a batch', () => {
  let tiny: TinyModel;
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters: [tinyAdapter({ name: 'near', seed: 2 })] });
  });
  afterAll(async () => tiny.close());

  it('shows rows that wait, then those that decode, and which were encoded together', async () => {
    const { loop } = new TinyLoop(tiny);
    const decoding = { forcedTokenCount: 5, guards: false };
    // as many as an encoder batch of the tests may have
    for (const id of [1, 2, 3, 4]) loop.submit(tinyJob(id, { seed: id, positions: 20, adapterSlot: id % 2, decoding }));
    expect(loop.view()).toMatchObject({ waitingRows: 4, encoded: [] });
    await encodedBy(loop);
    expect(loop.view()).toMatchObject({ waitingRows: 4, encoded: [] });
    await loop.turn();
    const { waitingRows, pools, encoded } = loop.view();
    expect(waitingRows).toBe(0);
    expect(pools[0]).toEqual({ context: 40, rows: 4, places: 4 });
    expect(encoded).toEqual([{ number: 1, rows: [1, 2, 3, 4].map((id) => ({ id, context: 20 })) }]);
  });

  it('remembers the last batches only', async () => {
    const tinyLoop = new TinyLoop(tiny);
    for (let id = 1; id <= MOST_ENCODED + 3; id += 1) {
      const decoding = { forcedTokenCount: 1, guards: false };
      tinyLoop.loop.submit(tinyJob(id, { seed: 1, positions: 3, adapterSlot: 0, decoding }));
      await tinyLoop.finish();
    }
    const { encoded } = tinyLoop.loop.view();
    expect(encoded.map(({ number }) => number)).toEqual(Array.from({ length: MOST_ENCODED }, (_, index) => index + 4));
  });
});

describe('RowLabels', () => {
  it('forgets rows of long ago', () => {
    const labels = new RowLabels();
    for (let id = 1; id <= 5_000; id += 1) labels.remember(id as RowId, { language: 'el', adapter: null });
    expect(labels.of(1 as RowId)).toBeNull();
    expect(labels.of(5_000 as RowId)).toEqual({ language: 'el', adapter: null });
  });
});
