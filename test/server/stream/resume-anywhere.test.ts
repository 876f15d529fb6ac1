import { setImmediate as otherWork } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Draw, drawOf } from '../../../bench/benches/draw.ts';
import { type Cut, cuttingProxy } from '../../support/cutting-proxy.ts';
import { type Outcome, type Sent, sendWhole } from './resuming-client.ts';
import { testStreams } from './serve-streams.ts';

const SEED = 11;
const RUNS = 100;
const STREAM_SECONDS = 6;
const START = { sample_rate: 8_000, endpointing: { silence_ms: 100, prefix_ms: 0 } } as const;

/** Loud is speech, for the detector of the tests. */
const LOUD = 29_000;

/** Speech and silence in frames of odd sizes, with flushes and changes of language between them. */
function drawStream(draw: Draw): readonly Sent[] {
  const sent: Sent[] = [];
  for (let left = STREAM_SECONDS * START.sample_rate; left > 0; ) {
    const length = Math.min(left, draw.whole(1, 3_000));
    sent.push({ audio: new Int16Array(length).fill(draw.chance(0.6) ? LOUD : 0) });
    left -= length;
    if (draw.chance(0.1)) sent.push({ message: { type: 'flush' } });
    if (draw.chance(0.1)) sent.push({ message: { type: 'language', language: draw.pick(['el', 'es', 'fr']) } });
  }
  return [...sent, { message: { type: 'finish' } }];
}

/** Within the handshake, the audio, or what is told; some streams are cut again and again. */
function drawCuts(draw: Draw): readonly Cut[] {
  return Array.from({ length: draw.pick([1, 1, 2, 5]) }, () => {
    const towards = draw.pick(['server', 'client'] as const);
    return { towards, afterBytes: draw.whole(1, towards === 'server' ? 70_000 : 4_000) };
  });
}

function told(outcome: Outcome): unknown {
  const { type, sequence, channel, start, end } = outcome;
  const where = { type, sequence, channel, start, end };
  if (outcome.type === 'error') return { ...where, code: outcome.code };
  const { text, language, ended_by: endedBy } = outcome;
  return { ...where, text, language, endedBy };
}

it(`a stream that is cut at random bytes, again and again, has the outcomes of one that is not (${RUNS} runs)`, async () => {
  const { url, service } = await testStreams({
    hear: async ({ language, samples }) => {
      for (let turn = samples.length % 7; turn > 0; turn -= 1) await otherWork();
      if (samples.length % 11 === 0) throw new TypeError('This utterance is lost, whenever it comes.');
      return `${language} ${samples.length}`;
    },
  });
  const proxy = await cuttingProxy(url);
  let resumes = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const draw = drawOf(SEED, run);
    const sent = drawStream(draw);
    const whole = await sendWhole(url, sent, START);
    const cuts = drawCuts(draw);
    proxy.plan(cuts);
    const cut = await sendWhole(proxy.url, sent, START);
    expect(cut.outcomes.map(told), `run ${run}, ${JSON.stringify(cuts)}`).toEqual(whole.outcomes.map(told));
    expect(cut.outcomes.map(({ sequence }) => sequence)).toEqual([...cut.outcomes.keys()]);
    resumes += cut.resumes;
  }
  // the cuts fell into streams, and not behind them
  expect(proxy.cuts).toBeGreaterThan(RUNS);
  expect(resumes).toBeGreaterThan(RUNS / 2);
  expect(service.metrics.open.resumed).toBeGreaterThanOrEqual(resumes);
}, 300_000);
