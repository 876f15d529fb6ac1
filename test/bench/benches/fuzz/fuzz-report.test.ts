import { describe, expect, it } from 'vitest';
import { type CaseOutcome, failureLine, fuzzReport, fuzzText } from '../../../../bench/benches/fuzz/fuzz-report.ts';
import { metricSamples } from '../../../../bench/benches/fuzz/service-process.ts';

const WELL: CaseOutcome = {
  class: 'JSON',
  index: 0,
  what: 'JSON noise',
  answers: ['400 request_invalid'],
  problem: null,
  received: null,
};
const BAD: CaseOutcome = {
  class: 'forms',
  index: 7,
  what: 'a strange part',
  answers: ['500 internal'],
  problem: 'status 500 internal',
  received: 'HTTP/1.1 500',
};
const RESOURCES = { residentBytes: 2 ** 30, openFiles: 40, openFilesByKind: {}, childProcesses: 0 };
const AFTERMATH = {
  ready: true,
  openStreams: 0,
  rowsInFlight: 0,
  before: RESOURCES,
  after: { ...RESOURCES, residentBytes: 1.5 * 2 ** 30, openFiles: 41 },
  filesLeft: [],
  logErrors: [],
  exit: { code: 0, signal: null },
};

describe('the report of a fuzz run', () => {
  it('counts by class and answer, and names each failure by class, seed and index', () => {
    const report = fuzzReport({
      outcomes: [WELL, BAD, WELL],
      healthy: { streams: 3, uploads: 2, differences: [] },
      aftermath: AFTERMATH,
      seconds: 2,
    });
    expect(report).toMatchObject({
      cases: 3,
      failures: 1,
      crashed: false,
      rssRatio: 1.5,
      openFilesBefore: 40,
      openFilesAfter: 41,
      byClass: { JSON: { cases: 2, failures: 0 }, forms: { cases: 1, failures: 1 }, streams: { cases: 0, failures: 0 } },
      answers: { '400 request_invalid': 2, '500 internal': 1 },
      failed: [BAD],
    });
    const text = fuzzText(report, 11);
    expect(text).toContain('3 cases of seed 11');
    expect(text).toContain(failureLine(BAD));
    expect(failureLine(BAD)).toContain('forms, index 7');
  });

  it('counts what others noticed and what was logged as failures, and a bad end as a crash', () => {
    const aftermath = { ...AFTERMATH, logErrors: ['it broke'], exit: { code: null, signal: 'SIGSEGV' as const } };
    const report = fuzzReport({
      outcomes: [WELL],
      healthy: { streams: 1, uploads: 1, differences: ['another text'] },
      aftermath,
      seconds: 1,
    });
    expect(report).toMatchObject({ failures: 2, crashed: true });
  });
});

describe("Prometheus' samples", () => {
  it('are read by name and labels', () => {
    const text = '# HELP a what\n# TYPE a gauge\na 3\nb{route="/x y",status="200"} 1.5\n';
    expect(metricSamples(text)).toEqual(
      new Map([
        ['a', 3],
        ['b{route="/x y",status="200"}', 1.5],
      ]),
    );
  });
});
