import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAdapter, MANIFEST_FILE, WEIGHTS_FILE } from '../../adapters/load-adapter.ts';
import { writeAdapter } from '../../adapters/write-adapter.ts';
import { narrowToHalf } from '../../kernels/narrow-floats.ts';
import { widenFloats } from '../../kernels/widen-floats.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { codeOf, sampleAdapter } from './sample-adapters.ts';

const temporaryFolder = temporaryFolders();
const asHalf = (values: Float32Array) => widenFloats(new Uint8Array(narrowToHalf(values).buffer), 'f16');

describe('writing an adapter', () => {
  it.each(['flora', 'lora'] as const)('gives what is read back, exactly in f32: %s', (kind) => {
    const folder = path.join(temporaryFolder(), 'made', 'here');
    const adapter = sampleAdapter({ kind });
    writeAdapter(folder, adapter);
    expect(loadAdapter(folder)).toMatchObject({ manifest: adapter.manifest, weights: adapter.weights });
  });

  it('takes half the room in f16, and rounds', () => {
    const [full, half] = [temporaryFolder(), temporaryFolder()];
    const adapter = sampleAdapter();
    writeAdapter(full, adapter);
    writeAdapter(half, adapter, { dtype: 'f16' });
    const bytes = (folder: string) => statSync(path.join(folder, WEIGHTS_FILE)).size;
    expect(bytes(half)).toBeLessThan(bytes(full));
    for (const [target, { a, b }] of loadAdapter(half).weights) {
      const written = adapter.weights.get(target);
      expect(a).toEqual(asHalf(written?.a as Float32Array));
      expect(b).toEqual(asHalf(written?.b as Float32Array));
    }
  });

  it('replaces an adapter, and keeps what else is in the folder', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'README.md'), 'a card');
    writeAdapter(folder, sampleAdapter());
    const second = sampleAdapter({ version: '1.1.0', seed: 2 });
    writeAdapter(folder, second);
    expect(loadAdapter(folder)).toMatchObject({ id: 'spanish-stamps@1.1.0', weights: second.weights });
    expect(readdirSync(folder).sort()).toEqual(['README.md', MANIFEST_FILE, WEIGHTS_FILE]);
  });

  it('leaves the old one whole, and nothing beside it, when the new one cannot be written', () => {
    const folder = temporaryFolder();
    const old = sampleAdapter();
    writeAdapter(folder, old);
    const before = readFileSync(path.join(folder, WEIGHTS_FILE));
    const next = sampleAdapter({ version: '1.1.0' });
    const weights = new Map([...next.weights].map(([name, factors]) => [name, { ...factors, a: factors.a.map(() => 70_000) }]));
    expect(codeOf(() => writeAdapter(folder, { ...next, weights }, { dtype: 'f16' }))).toBe('argument_invalid');
    const circular = { ...next.manifest } as Record<string, unknown>;
    circular['itself'] = circular;
    expect(codeOf(() => writeAdapter(folder, { ...next, manifest: circular as never }))).toBe('output_unwritable');
    expect(loadAdapter(folder).id).toBe(old.id);
    expect(readFileSync(path.join(folder, WEIGHTS_FILE))).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual([MANIFEST_FILE, WEIGHTS_FILE]);
  });

  it('says which folder cannot be written', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => writeAdapter(file, sampleAdapter())).toThrow(
      /Adapter spanish-stamps@1\.0\.0 could not be written to .*file \(EEXIST.*Free some space/,
    );
    expect(existsSync(path.join(file, MANIFEST_FILE))).toBe(false);
  });
});
