import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireAdaptersFrom } from '../../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../../adapters/published-folder.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { DEFAULT_POLICY, type PartialPolicySettings } from '../../../asr/streaming/partial-policy.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { SpeechStream, type SpeechStreamOptions } from '../../../asr/streaming/speech-stream.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { speechFixtures, startRealEngine } from '../../support/real-engine.ts';

const SECOND = 16_000;
/** As microphones send it. */
const PIECE = SECOND / 10;
const SILENCE = new Float32Array(SECOND);

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((start, part) => {
    whole.set(part, start);
    return start + part.length;
  }, 0);
  return whole;
}

type Final = Extract<SpeechEvent, { readonly kind: 'final' }>;
type PartialEvent = Extract<SpeechEvent, { readonly kind: 'partial' }>;

describe('a stream of real speech', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let byLanguage: ReadonlyMap<string, readonly Float32Array[]>;
  beforeAll(async () => {
    const adapters = requireAdaptersFrom(publishedAdapters() ?? '');
    [engine, voice] = await Promise.all([startRealEngine({ adapters }), startSileroDetector()]);
    const pieces = await speechFixtures();
    byLanguage = new Map(
      ['es', 'el', 'ru', 'ca', 'ro'].map((language) => [
        language,
        pieces.filter((piece) => piece.language === language).map(({ samples }) => samples),
      ]),
    );
  });
  afterAll(async () => Promise.all([engine.close(), voice.close()]));

  /** Pushes what is spoken piece by piece, each once all that the one before it led to has been recognised. */
  async function spoken(
    samples: Float32Array,
    options: Pick<SpeechStreamOptions, 'language'> & Partial<SpeechStreamOptions>,
    onPiece: (stream: SpeechStream, endSample: number) => void = () => undefined,
  ): Promise<readonly SpeechEvent[]> {
    const events: SpeechEvent[] = [];
    const stream = new SpeechStream({
      recognition: { engine, voice, rows: new RowGate(8), clock: () => 0 },
      sampleRateHz: SECOND,
      channels: 1,
      endpointing: DEFAULT_ENDPOINTING,
      urgency: 'live',
      onEvent: (event) => events.push(event),
      ...options,
    });
    for (let start = 0; start < samples.length; start += PIECE) {
      stream.push([samples.subarray(start, start + PIECE)]);
      do await after(2);
      while (stream.unheardMs > 32 || stream.pendingUtterances > 0 || engine.rowsInFlight > 0);
      onPiece(stream, start + PIECE);
    }
    await stream.finish();
    return events;
  }

  const recordings = (language: string) => byLanguage.get(language) ?? [];
  const finalsOf = (events: readonly SpeechEvent[]) => events.filter((event): event is Final => event.kind === 'final');
  const partialsOf = (events: readonly SpeechEvent[]) =>
    events.filter((event): event is PartialEvent => event.kind === 'partial');

  /** @returns how many partials had something stable */
  function expectStable(events: readonly SpeechEvent[]): number {
    for (const partial of partialsOf(events)) {
      const final = finalsOf(events).find(({ startMs }) => startMs === partial.startMs);
      expect(final?.result.text.slice(0, partial.stableLength)).toBe(partial.text.slice(0, partial.stableLength));
    }
    return partialsOf(events).filter(({ stableLength }) => stableLength > 0).length;
  }

  const policies: readonly PartialPolicySettings[] = [DEFAULT_POLICY, { kind: 'attention', marginMs: 400, confidence: 0 }];
  it.each(policies)('shows words before their utterance ends, and keeps those that are stable: $kind', async (policy) => {
    for (const language of ['es', 'el', 'ru']) {
      const longest = recordings(language).reduce((best, samples) => (samples.length > best.length ? samples : best));
      const events = await spoken(joined([longest, SILENCE]), { language, partials: { cadenceMs: 400, policy } });
      expect(partialsOf(events).length).toBeGreaterThan(0);
      expect(expectStable(events)).toBeGreaterThan(0);
      const whole = await spoken(joined([longest, SILENCE]), { language });
      expect(finalsOf(events).map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
        finalsOf(whole).map(({ startMs, endMs }) => [startMs, endMs]),
      );
    }
  });

  it('ends one who speaks on and on between words, and goes on', async () => {
    const said = ['ca', 'ro', 'es'].flatMap((language) => recordings(language));
    const long = joined([...said, SILENCE]);
    expect(long.length).toBeGreaterThan(14 * SECOND);
    const endpointing = { ...DEFAULT_ENDPOINTING, silenceMs: 1_500 };
    const events = await spoken(long, { language: 'es', endpointing, partials: { cadenceMs: 800 } });
    const finals = finalsOf(events);
    expect(finals[0]?.endedBy).toBe('length');
    for (const [index, { startMs }] of finals.slice(1).entries()) expect(startMs).toBe(finals[index]?.endMs);
    expectStable(events);
    expect(finals.at(-1)?.result.text).toMatch(/abuela/i);
  });

  it('changes its language where it is told to', async () => {
    const [spanish = SILENCE] = recordings('es');
    const [russian = SILENCE] = recordings('ru');
    const change = Math.ceil(spanish.length / PIECE) * PIECE;
    const samples = new Float32Array(change + russian.length + SECOND);
    samples.set(spanish);
    samples.set(russian, change);
    const events = await spoken(samples, { language: 'es', partials: { cadenceMs: 400 } }, (stream, endSample) => {
      if (endSample === change) stream.setLanguage({ language: 'ru' });
    });
    const finals = finalsOf(events);
    expect(new Set(finals.map(({ language }) => language))).toEqual(new Set(['es', 'ru']));
    for (const { language, result, startMs, endMs } of finals) {
      expect(result.adapter?.name).toMatch(new RegExp(`(^|[-_])${language}`));
      if (language === 'es') expect(endMs).toBeLessThanOrEqual(change / 16);
      else expect(startMs).toBeGreaterThanOrEqual(change / 16);
    }
    expectStable(events);
  });

  it('finds the language that is spoken', async () => {
    for (const language of ['es', 'el']) {
      const longest = recordings(language).reduce((best, samples) => (samples.length > best.length ? samples : best));
      const samples = joined([longest, SILENCE]);
      const events = await spoken(samples, { language: { among: ['es', 'el', 'ru'] }, partials: { cadenceMs: 400 } });
      expect(finalsOf(events).map((final) => final.language)).toEqual(finalsOf(events).map(() => language));
      expectStable(events);
    }
  });
});
