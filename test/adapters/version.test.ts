import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../adapters/version.ts';

describe('compareVersions', () => {
  it('orders versions as Semantic Versioning 2.0.0 does', () => {
    const ordered = [
      '0.9.10',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.2',
      '1.0.10',
      '1.2.0',
      '10.0.0',
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions('1.2.3', '1.2.3')).toBe(0);
  });
});
