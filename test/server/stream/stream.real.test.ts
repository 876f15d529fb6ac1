import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import type { Adapter } from '../../../adapters/adapter.ts';
import { createResampler } from '../../../asr/audio/resample.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { recogniseFile, transcriptText } from '../../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import type { Service } from '../../../server/service.ts';
import { realAdapters, type SpeechPiece, speechFixtures, startRealEngine } from '../../support/real-engine.ts';
import { START } from '../../support/stream-client.ts';
import { createTestService } from '../../support/test-service.ts';
import { serveStreams } from './serve-streams.ts';

const RATE_HZ = 16_000;
/** 20 ms */
const FRAME_SAMPLES = 320;
const PAUSE = new Int16Array(RATE_HZ);

describe('a stream of real speech', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let service: Service;
  let fixtures: readonly SpeechPiece[];
  let french: Adapter;
  beforeAll(async () => {
    const makeAdapter = await realAdapters();
    french = makeAdapter({ name: 'french', language: 'fr', seed: 1 });
    [engine, voice] = await Promise.all([startRealEngine({ adapters: [french] }), startSileroDetector()]);
    const clock = () => performance.now();
    service = createTestService({ recogniser: { engine, voice, rows: new RowGate(64), clock } });
    fixtures = await speechFixtures();
  });
  afterAll(async () => Promise.all([engine.close(), voice.close()]));

  /** As a file has it: the same samples, in a WAV file. */
  async function textOfFile(samples: Int16Array, language: string): Promise<string> {
    const file = new wavefile.WaveFile();
    file.fromScratch(1, RATE_HZ, '16', samples);
    const request = {
      source: { bytes: file.toBuffer() },
      language,
      channels: 'mix',
      endpointing: DEFAULT_ENDPOINTING,
    } as const;
    const beamSizes = { live: 1, file: 1 }; // searched as the stream is
    return transcriptText(await recogniseFile(request, { engine, voice, rows: new RowGate(8), beamSizes, env: process.env }));
  }

  function recordingsOf(language: string): readonly Float32Array[] {
    const spoken = fixtures.filter((fixture) => fixture.language === language);
    expect(spoken).toHaveLength(3);
    return spoken.map(({ samples }) => samples);
  }

  it.each(['es', 'el', 'ru'])('in frames of 20 ms, as fast as they go, has the words of the file: %s', async (language) => {
    const { connect } = await serveStreams(service);
    const samples = joined(recordingsOf(language).flatMap((recording) => [sixteenBits(recording), PAUSE]));
    const client = await connect();
    await client.start({ language });
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) client.sendAudio(samples.subarray(at, at + FRAME_SAMPLES));
    const { code } = await client.finish();
    expect(code).toBe(1000);
    expect(client.finals.length).toBeGreaterThanOrEqual(3);
    expect(client.text).not.toBe('');
    expect(client.text).toBe(await textOfFile(samples, language));
    for (const { timings, confidence } of client.finals) {
      expect(timings.decode_ms).toBeGreaterThan(0);
      expect(timings.total_ms).toBeGreaterThanOrEqual(timings.decode_ms);
      expect(confidence).toBeGreaterThan(0);
    }
  });

  it('is told which adapter its language gets, and gets it', async () => {
    const { connect } = await serveStreams(service);
    const client = await connect();
    const { name, version } = french.manifest;
    const description = { name, version, digest: french.digest };
    expect(await client.start({ language: 'fr-CA' })).toMatchObject({ adapter: description });
    for (const recording of recordingsOf('fr').slice(0, 1)) client.sendAudio(sixteenBits(recording));
    await client.finish();
    expect(client.finals.map(({ adapter }) => adapter)).toEqual([description]);
    const unknown = await connect();
    unknown.send({ ...START, language: 'tlh' });
    expect((await unknown.closed).code).toBe(4400);
    expect(unknown.errors).toEqual([expect.objectContaining({ code: 'language_unknown', param: 'language' })]);
  });

  it('of a telephone call, 8 kHz µ-law, has the words of each side on its channel', async () => {
    const { connect } = await serveStreams(service);
    const [caller, called] = recordingsOf('es').slice(1).map(onTelephone) as [Uint8Array, Uint8Array];
    const length = Math.max(caller.length, called.length) + 8_000;
    const quiet = 0xff; // 0 in µ-law
    const interleaved = Uint8Array.from({ length: 2 * length }, (_, at) => (at % 2 === 0 ? caller : called)[at >> 1] ?? quiet);
    const client = await connect();
    await client.start({ encoding: 'mulaw', sample_rate: 8_000, channels: 2 });
    for (let at = 0; at < interleaved.length; at += 320) client.sendAudio(interleaved.subarray(at, at + 320));
    const { messages } = await client.finish();
    const wordsOf = (channel: number) =>
      client.finals
        .filter((final) => final.channel === channel)
        .map(({ text }) => text)
        .join(' ');
    expect(wordsOf(0)).toMatch(/sombrero/i);
    expect(wordsOf(1)).toMatch(/abuela|muñeca|trapo/i);
    expect(messages.at(-1)).toMatchObject({ type: 'closed', reason: 'finish', audio: Math.round(length / 8) / 1000 });
  });
});

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Half as loud, as some of the recordings go beyond full scale. */
function sixteenBits(samples: ArrayLike<number>): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(16_000 * sample));
}

/** As a telephone network carries it: 8 kHz, µ-law. */
function onTelephone(samples: Float32Array): Uint8Array {
  const resampler = createResampler(RATE_HZ, 8_000);
  const narrow = [...resampler.push(samples), ...resampler.end()];
  const file = new wavefile.WaveFile();
  file.fromScratch(1, 8_000, '16', sixteenBits(narrow));
  file.toMuLaw();
  return Uint8Array.from(file.getSamples(false) as unknown as ArrayLike<number>);
}
