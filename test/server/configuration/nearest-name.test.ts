import { expect, test } from 'vitest';
import { nearestName } from '../../../server/configuration/nearest-name.ts';

const NAMES = ['maxStreams', 'maxStreamsPerKey', 'port', 'host'];

test.each([
  ['maxStream', 'maxStreams'],
  ['maxstreams', 'maxStreams'],
  ['maxStreamPerKeys', 'maxStreamsPerKey'],
  ['prot', null], // two letters of four
  ['prt', 'port'],
  ['colour', null],
  ['', null],
])('for "%s" it suggests %s', (written, meant) => {
  expect(nearestName(written, NAMES)).toBe(meant);
});
