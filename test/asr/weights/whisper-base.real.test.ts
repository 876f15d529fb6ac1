import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckpointLocation } from '../../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../../asr/weights/open-checkpoint.ts';
import { resolveWeights } from '../../../asr/weights/resolve-weights.ts';
import { weightSettings } from '../../../asr/weights/weight-settings.ts';
import { whisperTensorShapes } from '../../../asr/weights/whisper-tensors.ts';
import type { WhisperCheckpoint } from '../../../asr/whisper/checkpoint.ts';

let location: CheckpointLocation;
let checkpoint: WhisperCheckpoint;
beforeAll(async () => {
  location = await resolveWeights('whisper-base', weightSettings(process.env));
  checkpoint = openCheckpoint(location);
});
afterAll(() => checkpoint.tensors.close());

test('Whisper base is the pinned file', () => {
  expect(checkpoint.digest).toBe('sha256:d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9');
});

test('its configuration is that of Whisper base', () => {
  const { config } = checkpoint;
  expect(config).toMatchObject({ name: 'whisper-base', dim: 512, heads: 8, ffnDim: 2048, encoderLayers: 6, decoderLayers: 6 });
  expect(config).toMatchObject({ mels: 80, vocab: 51_865, maxContext: 1500, maxTokens: 448 });
  expect(config.languageTokens.size).toBe(99);
  expect([...['en', 'el', 'be', 'su'].map((language) => config.languageTokens.get(language))]).toEqual([
    50_259, 50_281, 50_330, 50_357,
  ]);
  expect(config.special).toEqual({
    endOfText: 50_257,
    startOfTranscript: 50_258,
    translate: 50_358,
    transcribe: 50_359,
    startOfPrevious: 50_361,
    noSpeech: 50_362,
    noTimestamps: 50_363,
    timestampBegin: 50_364,
  });
});

test('it suppresses what the conversion lists, which for this model is what faster-whisper suppresses', () => {
  const stated = JSON.parse(readFileSync(location.configPath, 'utf8')) as Record<string, unknown>;
  expect(checkpoint.config.suppressTokens).toEqual(stated['suppress_ids']);
  expect(checkpoint.config.beginSuppressTokens).toEqual(stated['suppress_ids_begin']);
  expect(checkpoint.config.alignmentHeads).toEqual(stated['alignment_heads']);
});

test('every tensor that the graphs read is there, filled and finite', () => {
  const { config, tensors } = checkpoint;
  for (const [name, shape] of whisperTensorShapes(config)) {
    expect(tensors.shape(name), name).toEqual(shape);
    const values = tensors.read(name);
    expect(values.length, name).toBe(shape.reduce((product, dim) => product * dim, 1));
    expect(
      values.some((value) => value !== 0),
      name,
    ).toBe(true);
  }
});

test("the encoder's positions are Whisper's sinusoids", () => {
  const table = checkpoint.tensors.read('model.encoder.embed_positions.weight'); // [1500, 512]
  // openai/whisper, model.py, sinusoids: sines in the first half, cosines in the second
  for (const [position, channel] of [
    [0, 0],
    [7, 3],
    [1499, 255],
  ] as const) {
    const angle = position * Math.exp((-Math.log(10_000) / 255) * channel);
    expect(table[position * 512 + channel]).toBeCloseTo(Math.sin(angle), 2);
    expect(table[position * 512 + 256 + channel]).toBeCloseTo(Math.cos(angle), 2);
  }
});
