import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LONGEST_APPEND_BYTES, sessionUpdateSchema } from '../../../server/realtime/client-events.ts';
import { REALTIME_CLOSE_CODES } from '../../../server/realtime/close-codes.ts';
import { longestEventBytes } from '../../../server/realtime/longest-event.ts';
import { serverEventSchema } from '../../../server/realtime/server-events.ts';

const whole = await readFile(new URL('../../../docs/protocols.md', import.meta.url), 'utf8');
const document = whole.slice(whole.indexOf('## OpenAI Realtime'), whole.indexOf('\n## Deepgram'));

const { audio, ...others } = sessionUpdateSchema.shape.session.shape;
const input = audio.unwrap().shape.input.unwrap().shape;
const { transcription, turn_detection: turnDetection } = input;

describe('docs/protocols.md', () => {
  it.each([
    ...Object.keys(others),
    ...Object.keys(input)
      .filter((field) => field !== 'transcription')
      .map((field) => `audio.input.${field}`),
    ...Object.keys(transcription.unwrap().shape).map((field) => `audio.input.transcription.${field}`),
  ])('says what session.%s does', (field) => {
    expect(document).toContain(`\n| \`${field}\` |`);
  });

  it.each(Object.keys(turnDetection.unwrap().unwrap().shape).filter((field) => field !== 'type'))(
    'says what becomes of %s in turn detection',
    (field) => expect(document).toContain(`\`${field}\``),
  );

  it('has all events of the server, and all close codes of our own', () => {
    for (const { shape } of serverEventSchema.options) {
      const type: string = shape.type.value;
      expect(document, type).toContain(type.replace('input_audio_buffer.speech_stopped', '.speech_stopped'));
    }
    for (const code of Object.values(REALTIME_CLOSE_CODES)) expect(document).toContain(`\n| ${code} |`);
  });

  it('has the limits of messages', () => {
    expect(document).toContain(`${LONGEST_APPEND_BYTES / 2 ** 20} MiB decoded`);
    expect(longestEventBytes(0)).toBe(20 * 2 ** 20 + 64 * 2 ** 10);
    expect(longestEventBytes(2 ** 26)).toBe(2 ** 26);
  });
});
