import { setImmediate as otherWork } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { DEFAULT_POLICY, type PartialPolicySettings } from '../../../asr/streaming/partial-policy.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { testEngine } from '../../support/test-engine.ts';
import { idle, openStream, patientEngine, told, until } from '../../support/test-stream.ts';

const ATTENTION = { kind: 'attention', marginMs: 200, confidence: 0 } as const;
const PARTIALS = { cadenceMs: 320, policy: ATTENTION };
const SPEECH = signalOf(windowsOf([10, 0.9]));
const PAUSE = signalOf(windowsOf([10, 0]));

/** A stream whose rows the test answers, with what each of them is asked. */
function patientStream(options: Parameters<typeof openStream>[0] = {}) {
  const { engine, answers } = patientEngine();
  const opened = openStream({ engine, partials: PARTIALS, ...options });
  return { ...opened, engine, answers, requests: engine.requests };
}

/** An engine that hears a word in every 256 ms, and takes some turns for each row, by its number. */
function wordByWord({ turns = [0], wordAt }: { turns?: readonly number[]; wordAt: (index: number, row: number) => string }) {
  let rows = 0;
  const hear = async ({ samples }: RecognitionRequest) => {
    rows += 1;
    const row = rows;
    for (let turn = turns[row % turns.length] ?? 0; turn > 0; turn -= 1) await otherWork();
    return Array.from({ length: Math.max(1, Math.floor(samples.length / 4_096)) }, (_, index) => wordAt(index, row)).join(' ');
  };
  return testEngine({ hear });
}

describe('partials', () => {
  it('tell what is said while it is said; the final begins with what was stable', async () => {
    const { stream, events, answers, requests } = patientStream();
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    expect(requests[0]?.samples).toHaveLength(SPEECH.length);
    expect(requests[0]).toHaveProperty('words', true);
    expect(requests[0]).toHaveProperty('deferrable', true);
    expect(requests[0]).not.toHaveProperty('prefix');
    expect(requests[0]).not.toHaveProperty('draft');
    answers[0]?.('un perro');
    stream.push([SPEECH]);
    await until(() => answers.length === 2);
    expect(requests[1]).not.toHaveProperty('prefix');
    expect(requests[1]?.draft).toHaveLength(2);
    answers[1]?.('otro perro come pan');
    await idle();
    stream.push([PAUSE]);
    await until(() => answers.length === 3);
    expect(requests[2]?.prefix).toHaveLength(2);
    expect(requests[2]?.draft).toHaveLength(2);
    expect(requests[2]).not.toHaveProperty('words');
    expect(requests[2]).not.toHaveProperty('deferrable');
    answers[2]?.('nada que ver con');
    await stream.finish();
    expect(told(events)).toEqual([
      'started 0',
      'partial 0-320: |un',
      'partial 0-640: otro perro| come',
      'pause 0-800: otro perro ver con',
    ]);
  });

  it('come one after the other, each with so much new audio at least', async () => {
    const { stream, answers, requests } = patientStream();
    stream.push([SPEECH.subarray(0, 9 * 512)]);
    await idle();
    expect(answers).toHaveLength(0);
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    stream.push([SPEECH]);
    stream.push([SPEECH]);
    await idle();
    expect(answers).toHaveLength(1);
    answers[0]?.('un perro');
    await until(() => answers.length === 2);
    expect(requests.map(({ samples }) => samples.length / 512)).toEqual([19, 39]);
    answers[1]?.('un perro');
    stream.push([SPEECH.subarray(0, 9 * 512)]);
    await idle();
    expect(answers).toHaveLength(2);
    stream.cancel();
  });

  it('begin with so much of the utterance at least', async () => {
    const { stream, answers, requests } = patientStream({ partials: { ...PARTIALS, firstMs: 640 } });
    stream.push([SPEECH]);
    stream.push([SPEECH.subarray(0, 9 * 512)]);
    await idle();
    expect(answers).toHaveLength(0);
    stream.push([SPEECH.subarray(0, 512)]);
    await until(() => answers.length === 1);
    answers[0]?.('un perro');
    stream.push([SPEECH]);
    await until(() => answers.length === 2);
    expect(requests.map(({ samples }) => samples.length / 512)).toEqual([20, 30]);
    stream.cancel();
  });

  it('wait twice as long as the row before took, if that is longer', async () => {
    const { engine, answers } = patientEngine({ totalMs: 400 });
    const { stream } = openStream({ engine, partials: PARTIALS });
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    answers[0]?.('un perro');
    await idle();
    for (const piece of [SPEECH, SPEECH, SPEECH.subarray(0, 4 * 512)]) stream.push([piece]);
    await idle();
    expect(answers).toHaveLength(1);
    stream.push([SPEECH.subarray(0, 512)]);
    await until(() => answers.length === 2);
    expect(engine.requests.map(({ samples }) => samples.length / 512)).toEqual([10, 35]);
    stream.cancel();
  });

  it('hear nothing new in silence', async () => {
    const { stream, answers, requests } = patientStream({ endpointing: { silenceMs: 3_000, prefixMs: 160, threshold: 0.5 } });
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    answers[0]?.('un perro');
    for (let turn = 0; turn < 5; turn += 1) stream.push([PAUSE]);
    await idle();
    expect(requests.filter(({ deferrable }) => deferrable)).toHaveLength(1);
    stream.cancel();
  });

  it('are told only where they say something else', async () => {
    const { stream, events, answers } = patientStream({ partials: { cadenceMs: 320 } });
    for (const words of ['un perro come', 'un perro corre', 'un perro corre', 'un perro corre']) {
      const before = answers.length;
      stream.push([SPEECH]);
      await until(() => answers.length > before);
      answers[before]?.(words);
      await idle();
    }
    expect(told(events)).toEqual(['started 0', 'partial 0-320: |un perro', 'partial 0-960: un perro|']);
    stream.cancel();
  });

  it('are given up when their utterance ends, and none is told after its final', async () => {
    const { stream, events, answers, engine } = patientStream();
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    stream.push([PAUSE]);
    await until(() => answers.length === 2);
    expect(engine.rowsInFlight).toBe(1);
    answers[0]?.('demasiado tarde');
    answers[1]?.('un perro');
    await stream.finish();
    expect(told(events)).toEqual(['started 0', 'pause 0-480: un perro']);
  });

  it('wait for the finals of the utterances before theirs', async () => {
    const { stream, events, answers } = patientStream();
    stream.push([SPEECH.subarray(0, 8 * 512)]);
    stream.push([PAUSE]);
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    await idle();
    expect(answers).toHaveLength(1);
    answers[0]?.('un perro');
    await until(() => answers.length === 2);
    answers[1]?.('otro perro come pan');
    await idle();
    expect(told(events)).toEqual(['started 0', 'started 576', 'pause 0-416: un perro', 'partial 416-896: otro perro| come']);
    stream.cancel();
  });

  it('go behind all other rows, and hear what has come meanwhile', async () => {
    const rows = new RowGate(1);
    const { stream, answers, requests } = patientStream({ rows });
    let release = () => {};
    const busy = rows.pass(async () => new Promise<void>((resolve) => (release = resolve)), { urgency: 'live' });
    stream.push([SPEECH]);
    await idle();
    const live = rows.pass(async () => expect(answers).toHaveLength(0), { urgency: 'live' });
    stream.push([SPEECH]);
    await idle();
    release();
    await until(() => answers.length === 1);
    expect(requests[0]?.samples).toHaveLength(2 * SPEECH.length);
    await Promise.all([busy, live]);
    stream.cancel();
  });

  it('are owed to nobody: one that fails is left out', async () => {
    const { stream, events, answers } = patientStream();
    stream.push([SPEECH]);
    await until(() => answers.length === 1);
    answers[0]?.(new FloraAsrError('queue_full', 'No more.'));
    await idle();
    expect(answers).toHaveLength(1);
    stream.push([SPEECH]);
    await until(() => answers.length === 2);
    answers[1]?.('un perro come pan');
    await idle();
    expect(told(events)).toEqual(['started 0', 'partial 0-640: un perro| come']);
    stream.cancel();
  });

  it('end with their stream, however it ends', async () => {
    const finished = patientStream();
    finished.stream.push([SPEECH]);
    await until(() => finished.answers.length === 1);
    const done = finished.stream.finish();
    await until(() => finished.answers.length === 2);
    finished.answers[1]?.('un perro');
    await done;
    expect(told(finished.events)).toEqual(['started 0', 'finish 0-320: un perro']);

    const cancelled = patientStream();
    cancelled.stream.push([SPEECH]);
    await until(() => cancelled.answers.length === 1);
    cancelled.stream.cancel();
    await until(() => cancelled.engine.rowsInFlight === 0);
    cancelled.answers[0]?.('demasiado tarde');
    await idle();
    expect(told(cancelled.events)).toEqual(['started 0']);

    const lost = patientStream();
    lost.stream.push([SPEECH]);
    await until(() => lost.answers.length === 1);
    lost.voice.fail();
    lost.stream.push([SPEECH]);
    await until(() => lost.engine.rowsInFlight === 0);
    await lost.stream.finish();
    expect(told(lost.events)).toEqual(['started 0', 'engine_failed 0-640']);
  });

  it('come for each channel by itself', async () => {
    const { stream, events, answers } = patientStream({ channels: 2 });
    stream.push([SPEECH, SPEECH]);
    // one after the other, as the gate lets them in
    await until(() => answers.length === 1);
    answers[0]?.('un perro');
    await until(() => answers.length === 2);
    answers[1]?.('un gato');
    await idle();
    const channels = new Set(events.filter(({ kind }) => kind === 'partial').map(({ channel }) => channel));
    expect(channels).toEqual(new Set([0, 1]));
    stream.cancel();
  });

  it('cut one who speaks on and on behind a stable word, so that each second costs the same', async () => {
    const engine = wordByWord({ wordAt: (index) => `w${index}` });
    const { stream, events } = openStream({ engine, partials: PARTIALS });
    for (let piece = 0; piece < 100; piece += 1) {
      stream.push([SPEECH]);
      await idle();
    }
    await stream.finish();
    const finals = events.filter((event) => event.kind === 'final');
    expect(finals.length).toBeGreaterThanOrEqual(3);
    expect(finals.map(({ endedBy }) => endedBy)).toEqual([...finals.slice(1).map(() => 'length'), 'finish']);
    expect(events.filter(({ kind }) => kind === 'speech-started')).toHaveLength(1);
    for (const [index, { startMs }] of finals.entries()) expect(startMs).toBe(finals[index - 1]?.endMs ?? 0);
    expect(finals.at(-1)?.endMs).toBe(32_000);
    expect(Math.max(...engine.requests.map(({ samples }) => samples.length))).toBeLessThan(13 * 16_000);
  });

  it('tell a stable text that never changes, and finals that begin with it, whatever comes when', async () => {
    const policies = fc.constantFrom<PartialPolicySettings>(
      { kind: 'agreement', spanMs: 0, confidence: 0 },
      DEFAULT_POLICY,
      ATTENTION,
      { kind: 'attention', marginMs: 600, confidence: 0.8 },
    );
    const piece = fc.record({
      windows: fc.integer({ min: 1, max: 120 }),
      level: fc.constantFrom(0.9, 0.9, 0.9, 0),
      turns: fc.integer({ min: 0, max: 12 }),
      act: fc.constantFrom('none', 'none', 'none', 'none', 'flush', 'language', 'bias'),
    });
    const vocabulary = fc.array(fc.constantFrom('uno', 'dos', 'tres', 'no'), { minLength: 1, maxLength: 40 });
    const delays = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });
    let partials = 0;
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(piece, { minLength: 3, maxLength: 14 }),
        vocabulary,
        delays,
        async (policy, pieces, words, turns) => {
          // what is heard of a word changes with the row, so that hypotheses disagree
          const wordAt = (index: number, row: number) =>
            row % 3 === 0 && index % 2 === 0 ? 'otra' : (words[index % words.length] ?? '');
          const engine = wordByWord({ turns, wordAt });
          const { stream, events } = openStream({ engine, partials: { cadenceMs: 200, policy } });
          for (const { windows, level, turns: wait, act } of pieces) {
            stream.push([signalOf(windowsOf([windows, level]))]);
            for (let turn = 0; turn < wait; turn += 1) await otherWork();
            if (act === 'flush') void stream.flush();
            if (act === 'language') stream.setLanguage({ language: 'fr' });
            if (act === 'bias') stream.setBias({ hotWords: ['perro'] });
          }
          await stream.finish();
          expectStable(events);
          partials += events.filter((event) => event.kind === 'partial' && event.stableLength > 0).length;
        },
      ),
      { numRuns: 60 },
    );
    expect(partials).toBeGreaterThan(20);
  });
});

/** Utterances do not overlap; each has partials, then one final that begins with what was stable in any of them. */
function expectStable(events: readonly SpeechEvent[]): void {
  let stable = '';
  let startMs: number | null = null;
  let answeredMs = 0;
  for (const event of events) {
    if (event.kind === 'speech-started') continue;
    expect(event.kind).not.toBe('failed');
    expect(event.startMs).toBeGreaterThanOrEqual(answeredMs);
    if (event.kind === 'partial') {
      if (startMs !== null) expect(event.startMs).toBe(startMs);
      startMs = event.startMs;
      expect(event.text.slice(0, event.stableLength).startsWith(stable)).toBe(true);
      stable = event.text.slice(0, event.stableLength);
      expect(
        event.words
          .map(({ text }) => text)
          .join('')
          .trim(),
      ).toBe(event.text);
      continue;
    }
    if (event.kind !== 'final') continue;
    if (startMs !== null) expect(event.startMs).toBe(startMs);
    expect(event.result.text.startsWith(stable)).toBe(true);
    answeredMs = event.endMs;
    startMs = null;
    stable = '';
  }
  expect(startMs).toBeNull();
}
