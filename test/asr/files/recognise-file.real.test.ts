import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import type { Engine } from '../../../asr/engine/engine.ts';
import { type FileRequest, recogniseFile, transcriptText } from '../../../asr/files/recognise-file.ts';
import { speechFixtures, startRealEngine } from '../../support/real-engine.ts';

const FEDORA = fileURLToPath(new URL('../../fixtures/speech/es-blue-fedora.ogg', import.meta.url));

function wav(channels: readonly Float32Array[]): Uint8Array {
  const file = new wavefile.WaveFile();
  const samples = channels.map((channel) => Float64Array.from(channel, (sample) => Math.round(32_767 * sample)));
  file.fromScratch(channels.length, 16_000, '16', channels.length === 1 ? samples.flatMap((channel) => [...channel]) : samples);
  return file.toBuffer();
}

describe('recogniseFile', () => {
  let engine: Engine;
  let spanish: readonly Float32Array[];
  beforeAll(async () => {
    engine = await startRealEngine();
    spanish = (await speechFixtures()).filter(({ language }) => language === 'es').map(({ samples }) => samples);
  });
  afterAll(async () => engine.close());

  const recognise = (request: Partial<FileRequest> & Pick<FileRequest, 'source'>) =>
    recogniseFile({ language: 'es', channels: 'mix', ...request }, { engine, inFlight: pLimit(8), env: process.env });

  it('gives the same words of a path and of the bytes that lie there', async () => {
    const ofPath = await recognise({ source: { path: FEDORA } });
    const ofBytes = await recognise({ source: { bytes: await readFile(FEDORA) } });
    expect(transcriptText(ofPath).toLowerCase()).toMatch(/^un sombrero azul/);
    expect(transcriptText(ofBytes)).toBe(transcriptText(ofPath));
    expect(ofPath.durationMs).toBeGreaterThan(1_000);
  });

  it('cuts what is longer than 30 s, accounts for all of its time, and keeps its order', async () => {
    const silence = new Float32Array(13 * 16_000);
    const parts = spanish.flatMap((samples) => [samples, silence]);
    const long = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((start, part) => {
      long.set(part, start);
      return start + part.length;
    }, 0);
    const { durationMs, segments } = await recognise({ source: { bytes: wav([long]) } });
    expect(segments.length).toBeGreaterThan(1);
    expect(segments[0]?.startMs).toBe(0);
    expect(segments.at(-1)?.endMs).toBe(durationMs);
    for (const [index, segment] of segments.slice(1).entries()) expect(segment.startMs).toBe(segments[index]?.endMs);
    for (const { startMs, endMs } of segments) expect(endMs - startMs).toBeLessThanOrEqual(30_000);
    expect(segments.map(({ result }) => result.text).join(' ')).toMatch(/enfermera.*abuela/is);
  });

  it('keeps channels apart when it is asked to', async () => {
    const [first = new Float32Array(0), second = new Float32Array(0)] = spanish;
    const length = Math.max(first.length, second.length);
    const padded = [first, second].map((samples) => Float32Array.from({ length }, (_, index) => samples[index] ?? 0));
    const { segments } = await recognise({ source: { bytes: wav(padded) }, channels: 'apart' });
    expect(segments.map(({ channel }) => channel)).toEqual([0, 1]);
    expect(transcriptText({ durationMs: 0, segments }).split('\n')).toHaveLength(2);
    expect(segments[1]?.result.text).not.toBe(segments[0]?.result.text);
  });

  it('fails as a whole when it cannot be read, with the code of what is wrong', async () => {
    const missing = path.join(path.dirname(FEDORA), 'missing.ogg');
    await expect(recognise({ source: { path: missing } })).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(recognise({ source: { bytes: Buffer.from('no audio') } })).rejects.toMatchObject({ code: 'audio_unreadable' });
    await expect(recognise({ source: { path: FEDORA }, language: 'xx' })).rejects.toMatchObject({ code: 'language_unknown' });
  });
});
