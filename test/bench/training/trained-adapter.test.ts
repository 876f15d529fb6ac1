import { describe, expect, it } from 'vitest';
import { loadAdapter } from '../../../adapters/load-adapter.ts';
import { type LearnerKind, type ParameterLayout, parameterLayout } from '../../../adapters/training/parameter-layout.ts';
import { writeAdapter } from '../../../adapters/write-adapter.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { adapterNameFor, type TrainedAdapterOptions, trainedAdapter } from '../../../bench/training/trained-adapter.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { noise } from '../../support/tiny-weights.ts';
import { TINY_BASE } from '../../support/tiny-whisper.ts';

const newFolder = temporaryFolders();
const TARGETS = [
  { name: 'model.encoder.layers.0.fc1', inDim: 3, outDim: 5 },
  { name: 'model.decoder.layers.1.fc2', inDim: 5, outDim: 3 },
];

function layoutOf(kind: LearnerKind, rank: number): ParameterLayout {
  return parameterLayout(
    kind,
    TARGETS.map((target) => ({ ...target, rank })),
  );
}

function optionsFor(layout: ParameterLayout): TrainedAdapterOptions {
  return {
    name: 'ro-stamps',
    version: '1.2.3',
    language: 'ro',
    base: TINY_BASE,
    layout,
    contextPolicy: { tailPositions: 32, trainedMinMs: 0, trainedMaxMs: 25_000 },
    training: { recipe: { kind: layout.kind }, seed: 1, tools: {} },
    licence: 'GPL-2.0-only',
  };
}

const KINDS = [
  ['flora', 1, 'flora'],
  ['flora', 2, 'flora'],
  ['ia3', 1, 'flora'],
  ['lora', 2, 'lora'],
] as const;

describe('what was trained', () => {
  for (const [kind, rank, saved] of KINDS) {
    it(`is measured as it is written, ${kind} at rank ${rank}`, () => {
      const layout = layoutOf(kind, rank);
      const adapter = trainedAdapter(optionsFor(layout), noise(seededRandom(1), layout.length));
      expect(adapter.manifest).toMatchObject({
        kind: saved,
        language: 'ro',
        baseModel: TINY_BASE,
        targets: { 'model.encoder.layers.0.fc1': { rank }, 'model.decoder.layers.1.fc2': { rank } },
      });
      const folder = newFolder();
      writeAdapter(folder, adapter, { dtype: 'f16' });
      const { manifest, weights, id } = loadAdapter(folder);
      expect({ manifest, weights, id }).toEqual({ manifest: adapter.manifest, weights: adapter.weights, id: adapter.id });
    });
  }

  it('has one digest for one content, and another for others', () => {
    const layout = layoutOf('flora', 1);
    const values = noise(seededRandom(1), layout.length);
    const { digest } = trainedAdapter(optionsFor(layout), values);
    expect(trainedAdapter(optionsFor(layout), values).digest).toBe(digest);
    expect(trainedAdapter({ ...optionsFor(layout), version: '1.2.4' }, values).digest).not.toBe(digest);
    expect(
      trainedAdapter(
        optionsFor(layout),
        values.map((value, i) => (i === 7 ? -value : value)),
      ).digest,
    ).not.toBe(digest);
  });

  it('is refused with what a manifest cannot say', () => {
    const layout = layoutOf('flora', 1);
    const values = new Float32Array(layout.length).fill(1);
    for (const [changes, message] of [
      [{ version: '1.0' }, /version: expected a semantic version/],
      [{ licence: 'what I like' }, /licence: expected an SPDX expression/],
      [{ language: 'romanian language' }, /language: expected a BCP-47 language tag/],
    ] as const) {
      const make = () => trainedAdapter({ ...optionsFor(layout), ...changes }, values);
      expect(make).toThrowError(expect.objectContaining({ code: 'adapter_invalid', message: expect.stringMatching(message) }));
    }
  });
});

it('An adapter is called after what it learned from, in a way that its manifest takes', () => {
  const layout = layoutOf('flora', 1);
  for (const [learner, corpora, name] of [
    ['ro', ['tuxpaint'], 'ro-tuxpaint'],
    ['ru', ['tuxpaint', 'festvox-ru'], 'ru-tuxpaint-festvox-ru'],
    ['el', ['My_recordings.jsonl'], 'el-my-recordings'],
    ['es-419', ['Données, 2. Teil'], 'es-419-donn-es-2-teil'],
    ['ca', ['…'], 'ca'],
    ['bg', ['x'.repeat(200)], `bg-${'x'.repeat(61)}`],
    ['fil', ['long-'.repeat(13)], `fil${'-long'.repeat(12)}`], // cut where a word ends
  ] as const) {
    expect(adapterNameFor(learner, corpora)).toBe(name);
    const adapter = trainedAdapter({ ...optionsFor(layout), name }, new Float32Array(layout.length));
    expect(adapter.manifest.name).toBe(name);
  }
});
