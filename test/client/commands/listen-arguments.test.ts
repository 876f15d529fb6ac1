import { describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { parseListenArguments } from '../../../client/commands/listen-arguments.ts';

const parse = (...args: string[]) => parseListenArguments(args, { FLORA_ASR_KEY: 'secret' });

describe('parseListenArguments', () => {
  it('listens to the microphone unless something else is named', () => {
    expect(parse('--language', 'el')?.input).toEqual({ kind: 'microphone', device: undefined });
    expect(parse('--language', 'el', 'a.ogg')?.input).toEqual({ kind: 'file', path: 'a.ogg', channels: 'mix' });
    expect(
      parse('--language', 'el', '-', '--encoding', 'mulaw', '--sample-rate', '8000', '--channel-count', '2')?.input,
    ).toEqual({
      kind: 'pipe',
      raw: { encoding: 'mulaw', sample_rate: 8_000, channels: 2 },
    });
  });

  it('starts a service for itself unless one is named', () => {
    expect(parse('--language', 'el', '--model', 'whisper-small')?.service).toEqual({
      kind: 'local',
      model: 'whisper-small',
      adapterFolders: ['published'],
    });
    expect(parse('--language', 'el', '--server', 'https://asr.example')?.service).toEqual({
      kind: 'server',
      url: 'https://asr.example',
      apiKey: 'secret',
    });
  });

  it('has defaults for everything else', () => {
    expect(parse('--language', 'auto', '--languages', 'el, es')).toMatchObject({
      language: 'auto',
      languages: ['el', 'es'],
      adapter: undefined,
      endpointing: DEFAULT_ENDPOINTING,
      keywords: [],
      translate: false,
      pace: false,
      json: false,
    });
  });

  it.each([
    [[], /say what is spoken: --language TAG/],
    [['--language', 'el', 'a.ogg', 'b.ogg'], /one thing is listened to at a time, not a\.ogg, b\.ogg/],
    [['--language', 'el', '--server', 'http://x', '--model', 'whisper-small'], /--model and --adapters are for a service/],
    [['--language', 'el', '--sample-rate', '4000'], /--sample-rate is a number from 8000 to 48000, not "4000"/],
    [['--language', 'el', '--encoding', 'opus'], /--encoding is one of pcm_s16le/],
    [['--language', 'el', '--endpointing', '5'], /--endpointing is on, off/],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(
      expect.objectContaining({ code: 'argument_invalid', message: expect.stringMatching(message) }),
    );
  });

  it('gives nothing where help is asked for', () => {
    expect(parse('--help')).toBeNull();
  });
});
