import { describe, expect, it } from 'vitest';
import { chooseCase, FUZZ_CLASSES } from '../../../../bench/benches/fuzz/choose-case.ts';
import type { FuzzMaterial, Step } from '../../../../bench/benches/fuzz/fuzz-case.ts';

const RECORDING = { format: 'ogg', contentType: 'audio/ogg', language: 'es', bytes: Buffer.alloc(5_000, 'OggS') };
const MATERIAL: FuzzMaterial = { host: '127.0.0.1:1', recordings: [RECORDING], samples: new Int16Array(32_000) };
const CASES = Array.from({ length: 3_000 }, (_, index) => chooseCase(1, index, MATERIAL));

function written(steps: readonly Step[]): string {
  return steps
    .map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('base64') : JSON.stringify(step)))
    .join('\n');
}

describe('malformed cases', () => {
  it('are the same for the same seed, byte by byte', () => {
    for (const { steps, index } of CASES.slice(0, 300)) {
      expect(written(chooseCase(1, index, MATERIAL).steps)).toBe(written(steps));
    }
    expect(CASES.slice(0, 50).map(({ steps }) => written(steps))).not.toEqual(
      Array.from({ length: 50 }, (_, index) => written(chooseCase(2, index, MATERIAL).steps)),
    );
  });

  it('are of every class, in about its share', () => {
    const shares = FUZZ_CLASSES.map((name) => CASES.filter((chosen) => chosen.class === name).length / CASES.length);
    for (const share of shares) expect(share).toBeGreaterThan(0.05);
  });

  it('hardly repeat themselves', () => {
    const different = new Set(CASES.map(({ steps }) => written(steps)));
    expect(different.size).toBeGreaterThan(0.6 * CASES.length);
  });

  it('owe nothing to a client that does not stay', () => {
    for (const { steps, owed } of CASES) {
      if (steps.some(({ kind }) => kind === 'vanish')) expect(owed).toBe('nothing');
    }
  });

  it('are bounded in what they send', () => {
    const sizes = CASES.map(({ steps }) =>
      steps.reduce((sum, step) => sum + (step.kind === 'send' ? step.bytes.length : 0), 0),
    );
    expect(Math.max(...sizes)).toBeLessThan(3_000_000);
  });
});
