import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Encoder, type EncoderJob, type Encoding, encodeJobs } from '../../../asr/engine/encoder.ts';
import { EncoderThread } from '../../../asr/engine/encoder-thread.ts';
import { startWorker } from '../../../asr/process/start-worker.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { noise } from '../../support/tiny-weights.ts';
import { openTinyModel, type TinyModel, tinyAdapter } from '../../support/tiny-whisper.ts';

const WORKER = new URL('../../../asr/engine/encoder-worker.ts', import.meta.url);
const far = tinyAdapter({ name: 'far', seed: 3, scale: 0.4 });

function job(seed: number, adapterSlot = 0): EncoderJob {
  return { samples: noise(seededRandom(seed), 20 * 320, 0.1), context: 20, adapterSlot };
}

/** What depends on the jobs alone. */
function heard({ rows }: Encoding): unknown {
  return rows;
}

describe('an encoder in a thread of its own', () => {
  let tiny: TinyModel;
  let thread: Encoder;
  const here = async (...jobs: EncoderJob[]) => heard(await encodeJobs(tiny.encoder, jobs));
  const there = async (...jobs: EncoderJob[]) => heard(await thread.encode(jobs));
  beforeAll(async () => {
    tiny = await openTinyModel({ precision: 'fp32', adapters: [far] });
    thread = await EncoderThread.open(startWorker(WORKER), tiny.encoderPlan);
  });
  afterAll(async () => {
    await thread.close();
    await tiny.close();
  });

  it('gives bitwise what one in this thread gives, in the order of the batches', async () => {
    const batches = [[job(1), job(2)], [job(3)], [job(4), job(5), job(6)]];
    const inTurn = [];
    for (const batch of batches) inTurn.push(await here(...batch));
    expect(await Promise.all(batches.map(async (batch) => there(...batch)))).toEqual(inTurn);
  });

  it('takes adapters for the batches after them, and forgets them again', async () => {
    const base = await there(job(1, 1));
    thread.writeSlot(1, far);
    const adapted = await there(job(1, 1));
    thread.writeSlot(1, null);
    expect(await there(job(1, 1))).toEqual(base);
    expect(adapted).toEqual(await here(job(1, 1)));
    expect(adapted).not.toEqual(base);
  });

  it('tells what is wrong with a batch, and goes on with the next', async () => {
    const broken = job(2);
    broken.samples[5] = Number.NaN;
    const failing = thread.encode([job(1), broken]);
    const next = there(job(1));
    await expect(failing).rejects.toMatchObject({ code: 'audio_not_finite' });
    expect(await next).toEqual(await here(job(1)));
  });

  it('ends the batch that it is in before it is closed', async () => {
    const other = await EncoderThread.open(startWorker(WORKER), tiny.encoderPlan);
    const last = other.encode([job(1)]);
    await other.close();
    expect(heard(await last)).toEqual(await here(job(1)));
  });

  it('does not open a graph that is not there, and leaves no thread behind', async () => {
    const worker = startWorker(WORKER);
    const ended = once(worker, 'exit');
    const plan = { ...tiny.encoderPlan, graphPath: `${tiny.encoderPlan.graphPath}.gone` };
    await expect(EncoderThread.open(worker, plan)).rejects.toMatchObject({ code: 'engine_failed' });
    expect(await ended).toEqual([0]);
  });
});
