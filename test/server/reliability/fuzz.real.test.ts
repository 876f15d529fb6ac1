import { describe, expect, it } from 'vitest';
import { runFuzz } from '../../../bench/benches/fuzz/run-fuzz.ts';

const CASES = 300;

describe('malformed requests and frames', () => {
  it('crash nothing, leave nothing behind, and are not noticed by others', async () => {
    const report = await runFuzz({
      cases: CASES,
      seed: 20_261_124,
      concurrency: 16,
      env: process.env,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(report.failed).toEqual([]);
    expect(report.healthy.differences).toEqual([]);
    expect(report.aftermath).toMatchObject({
      ready: true,
      openStreams: 0,
      rowsInFlight: 0,
      filesLeft: [],
      logErrors: [],
      after: { childProcesses: report.aftermath.before.childProcesses },
      exit: { code: 0, signal: null },
    });
    expect(report.cases).toBe(CASES);
    expect(report.openFilesAfter).toBeLessThanOrEqual(report.openFilesBefore);
  });
});
