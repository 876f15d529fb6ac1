import { describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { parseTranscribeArguments } from '../../../client/commands/transcribe-arguments.ts';

describe('parseTranscribeArguments', () => {
  it('gives each file the language and adapter that stand last before it', () => {
    const args = ['--language', 'es', 'a.ogg', '--adapter', 'none', 'b.wav', '--language', 'el', '--adapter=auto', 'c.flac'];
    expect(parseTranscribeArguments(args)?.files).toEqual([
      { path: 'a.ogg', language: 'es', adapter: undefined },
      { path: 'b.wav', language: 'es', adapter: null },
      { path: 'c.flac', language: 'el', adapter: undefined },
    ]);
  });

  it('takes files with odd names behind --', () => {
    expect(parseTranscribeArguments(['--language', 'es', '--', '-a.ogg'])?.files).toMatchObject([{ path: '-a.ogg' }]);
  });

  it('has defaults for everything else', () => {
    expect(parseTranscribeArguments(['--language', 'es', 'a.ogg'])).toMatchObject({
      model: 'whisper-base',
      adapterFolders: ['published'],
      provider: 'auto',
      computeType: 'auto',
      threads: undefined,
      channels: 'mix',
      endpointing: DEFAULT_ENDPOINTING,
      fullContext: false,
      json: false,
      format: 'text',
      outFolder: null,
      server: null,
    });
  });

  it.each([
    ['on', DEFAULT_ENDPOINTING],
    ['off', 'off'],
    ['100', { ...DEFAULT_ENDPOINTING, silenceMs: 100 }],
    ['10000', { ...DEFAULT_ENDPOINTING, silenceMs: 10_000 }],
  ])('ends utterances as --endpointing %s says', (value, endpointing) => {
    const args = ['--language', 'es', '--endpointing', value, 'a.ogg'];
    expect(parseTranscribeArguments(args)?.endpointing).toEqual(endpointing);
  });

  it.each([
    [['a.ogg'], /a\.ogg has no language/],
    [['--language', 'es'], /no file/],
    [['--language', 'es', '--provider', 'tpu', 'a.ogg'], /--provider is one of auto, cpu, cuda, webgpu, not "tpu"/],
    [['--language', 'es', '--compute-type', 'int4', 'a.ogg'], /--compute-type is one of auto, int8, fp32/],
    [['--language', 'es', '--threads', '0', 'a.ogg'], /--threads is a whole number from 1/],
    [['--language', 'es', '--beam', '6', 'a.ogg'], /--beam is a whole number from 1 to 5, not "6"/],
    [['--language', 'es', '--endpointing', '99', 'a.ogg'], /--endpointing is on, off, or a number .* 100 to 10000, not "99"/],
    [['--language', 'es', '--endpointing', '1e5', 'a.ogg'], /--endpointing is on, off/],
    [['--language', 'es', '--endpointing', '', 'a.ogg'], /--endpointing is on, off/],
    [['--language', 'es', '--format', 'docx', 'a.ogg'], /--format is one of text, srt, vtt, json, verbose_json/],
    [['--language', 'es', '--json', '--out', 'x', 'a.ogg'], /--out does not go with --json/],
    [['--language', 'es', '--server', 'http://x', '--model', 'whisper-base', 'a.ogg'], /--model does not go with --server/],
    [['--language', 'es', '--server', 'http://x', '--full-context', 'a.ogg'], /--full-context does not go with --server/],
  ])('refuses %j and says why', (args, message) => {
    expect(() => parseTranscribeArguments(args)).toThrow(
      expect.objectContaining({ code: 'argument_invalid', message: expect.stringMatching(message) }),
    );
  });

  it('shows the key of the environment to a service', () => {
    const args = ['--language', 'es', '--server', 'http://x', 'a.ogg'];
    expect(parseTranscribeArguments(args, { FLORA_ASR_KEY: 'secret' })?.server).toEqual({ url: 'http://x', apiKey: 'secret' });
  });

  it('lets --help win over everything that is wrong', () => {
    expect(parseTranscribeArguments(['--help', '--channels', 'three'])).toBeNull();
  });
});
