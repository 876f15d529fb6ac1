import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { LISTEN_PARAMETERS, type ParameterFate } from '../../../server/deepgram/listen-parameters.ts';
import { CONFIGURE_FAILURES, clientMessageSchema, serverMessageSchema } from '../../../server/deepgram/messages.ts';

const document = await readFile(new URL('../../../docs/protocols.md', import.meta.url), 'utf8');

it.each(Object.entries<ParameterFate>(LISTEN_PARAMETERS))('docs/protocols.md says what becomes of %s', (name, fate) => {
  expect(document).toContain(`| \`${name}\` | ${whereOf(fate)} | ${fate.note} |`);
});

it('docs/protocols.md has all of Deepgram’s messages', () => {
  const types = [...clientMessageSchema.options, ...serverMessageSchema.options].map(({ shape }) => shape.type.value);
  for (const name of [...types, ...CONFIGURE_FAILURES]) expect(document).toContain(`\`${name}\``);
});

function whereOf(fate: ParameterFate): string {
  if (fate.kind !== 'supported') return fate.kind;
  if (fate.doors.length === 2) return 'both';
  return fate.doors[0] === 'stream' ? 'streams' : 'files';
}
