import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { type FileRequest, type FileSegment, recogniseFile, transcriptText } from '../../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { SpeechStream } from '../../../asr/streaming/speech-stream.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { heard, speechFixtures, startRealEngine } from '../../support/real-engine.ts';

const FEDORA = fileURLToPath(new URL('../../fixtures/speech/es-blue-fedora.ogg', import.meta.url));

function wav(channels: readonly Float32Array[]): Uint8Array {
  const file = new wavefile.WaveFile();
  const samples = channels.map((channel) => Float64Array.from(channel, (sample) => Math.round(32_767 * sample)));
  file.fromScratch(channels.length, 16_000, '16', channels.length === 1 ? samples.flatMap((channel) => [...channel]) : samples);
  return file.toBuffer();
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((start, part) => {
    whole.set(part, start);
    return start + part.length;
  }, 0);
  return whole;
}

function heardOf({ startMs, endMs, result }: Pick<FileSegment, 'startMs' | 'endMs' | 'result'>) {
  return { startMs, endMs, result: heard(result) };
}

describe('recogniseFile', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let spanish: readonly Float32Array[];
  beforeAll(async () => {
    [engine, voice] = await Promise.all([startRealEngine(), startSileroDetector()]);
    spanish = (await speechFixtures()).filter(({ language }) => language === 'es').map(({ samples }) => samples);
  });
  afterAll(async () => Promise.all([engine.close(), voice.close()]));

  const recognise = (request: Partial<FileRequest> & Pick<FileRequest, 'source'>) =>
    recogniseFile(
      { language: 'es', channels: 'mix', endpointing: DEFAULT_ENDPOINTING, ...request },
      { engine, voice, rows: new RowGate(8), env: process.env },
    );

  it('gives the same words of a path and of the bytes that lie there', async () => {
    const ofPath = await recognise({ source: { path: FEDORA } });
    const ofBytes = await recognise({ source: { bytes: await readFile(FEDORA) } });
    expect(transcriptText(ofPath).toLowerCase()).toMatch(/^un sombrero azul/);
    expect(transcriptText(ofBytes)).toBe(transcriptText(ofPath));
    expect(ofPath.durationMs).toBeGreaterThan(1_000);
  });

  it('recognises what is spoken, and leaves out the silence', async () => {
    const silence = new Float32Array(13 * 16_000);
    const long = joined([silence, ...spanish.flatMap((samples) => [samples, silence])]);
    const { durationMs, speechMs, segments } = await recognise({ source: { bytes: wav([long]) } });
    expect(segments.length).toBeGreaterThanOrEqual(spanish.length);
    expect(segments[0]?.startMs).toBeGreaterThan(12_000);
    expect(durationMs).toBe(Math.round(long.length / 16));
    expect(speechMs).toBeLessThan(durationMs - 13_000 * (spanish.length + 1) + 2_000 * spanish.length);
    for (const [index, segment] of segments.slice(1).entries()) {
      expect(segment.startMs).toBeGreaterThan(segments[index]?.endMs ?? 0);
    }
    expect(transcriptText({ segments })).toMatch(/enfermera.*abuela/is);
  });

  it('has no words for a recording without speech', async () => {
    const { segments, speechMs, durationMs } = await recognise({ source: { bytes: wav([new Float32Array(32_000)]) } });
    expect({ segments, speechMs, durationMs }).toEqual({ segments: [], speechMs: 0, durationMs: 2_000 });
    expect(transcriptText({ segments })).toBe('');
  });

  it('accounts for all of the time of a recording without endpointing, in pieces of at most 30 s', async () => {
    const silence = new Float32Array(13 * 16_000);
    const long = joined(spanish.flatMap((samples) => [samples, silence]));
    const { durationMs, speechMs, segments } = await recognise({ source: { bytes: wav([long]) }, endpointing: 'off' });
    expect(segments.length).toBeGreaterThan(1);
    expect(segments[0]?.startMs).toBe(0);
    expect(segments.at(-1)?.endMs).toBe(durationMs);
    expect(speechMs).toBe(durationMs);
    for (const [index, segment] of segments.slice(1).entries()) expect(segment.startMs).toBe(segments[index]?.endMs);
    for (const { startMs, endMs } of segments) expect(endMs - startMs).toBeLessThanOrEqual(30_000);
    expect(transcriptText({ segments })).toMatch(/enfermera.*abuela/is);
  });

  it('gives the utterances and words of a stream that comes little by little', async () => {
    const bytes = wav([joined(spanish.slice(0, 3).flatMap((piece) => [piece, new Float32Array(16_000)]))]);
    const [samples = new Float32Array(0)] = (await readAudio({ bytes }, { env: process.env })).channels;
    const events: SpeechEvent[] = [];
    const stream = new SpeechStream({
      recognition: { engine, voice, rows: new RowGate(8), clock: () => 0 },
      language: 'es',
      sampleRateHz: 16_000,
      channels: 1,
      endpointing: DEFAULT_ENDPOINTING,
      urgency: 'live',
      onEvent: (event) => events.push(event),
    });
    for (let start = 0; start < samples.length; start += 777) stream.push([samples.subarray(start, start + 777)]);
    await stream.finish();
    const { segments } = await recognise({ source: { bytes } });
    const finals = events.filter((event) => event.kind === 'final');
    expect(finals.length).toBeGreaterThanOrEqual(3);
    expect(finals.map(heardOf)).toEqual(segments.map(heardOf));
  });

  it('keeps channels apart when it is asked to', async () => {
    const [first = new Float32Array(0), second = new Float32Array(0)] = spanish;
    const length = Math.max(first.length, second.length);
    const padded = [first, second].map((samples) => Float32Array.from({ length }, (_, index) => samples[index] ?? 0));
    const { segments } = await recognise({ source: { bytes: wav(padded) }, channels: 'apart' });
    expect(segments.map(({ channel }) => channel)).toEqual([0, 1]);
    expect(transcriptText({ segments }).split('\n')).toHaveLength(2);
    expect(segments[1]?.result.text).not.toBe(segments[0]?.result.text);
  });

  it('fails as a whole when it cannot be read, with the code of what is wrong', async () => {
    const missing = path.join(path.dirname(FEDORA), 'missing.ogg');
    await expect(recognise({ source: { path: missing } })).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(recognise({ source: { bytes: Buffer.from('no audio') } })).rejects.toMatchObject({ code: 'audio_unreadable' });
    await expect(recognise({ source: { path: FEDORA }, language: 'xx' })).rejects.toMatchObject({ code: 'language_unknown' });
  });
});
