import { parseArgs } from 'node:util';
import type { ChannelMode } from '../../asr/audio/channels.ts';
import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { DEFAULT_ADAPTERS } from '../../server/chosen-adapters.ts';
import {
  AUDIO_ENCODINGS,
  AUTO_LANGUAGE,
  HIGHEST_SAMPLE_RATE_HZ,
  LOWEST_SAMPLE_RATE_HZ,
  MOST_CHANNELS,
} from '../../server/protocol/stream-messages.ts';
import type { WavSettings } from '../sdk/wav.ts';
import { adapterOf, endpointingOf, oneOf } from './option-values.ts';

/** What is listened to. */
export type ListenInput =
  | { readonly kind: 'microphone'; readonly device: string | undefined }
  /** @param raw what samples are that come without a header */
  | { readonly kind: 'pipe'; readonly raw: WavSettings }
  | { readonly kind: 'file'; readonly path: string; readonly channels: ChannelMode };

/** Who recognises it. */
export type ListenService =
  | { readonly kind: 'server'; readonly url: string; readonly apiKey: string | undefined }
  | { readonly kind: 'local'; readonly model: string | undefined; readonly adapterFolders: readonly string[] };

export interface ListenArguments {
  readonly input: ListenInput;
  readonly service: ListenService;
  readonly language: string;
  readonly languages: readonly string[] | undefined;
  /** undefined: the language decides; null: the base model */
  readonly adapter: string | null | undefined;
  readonly endpointing: Endpointing;
  readonly keywords: readonly string[];
  readonly prompt: string | undefined;
  readonly translate: boolean;
  /** as fast as it was spoken */
  readonly pace: boolean;
  readonly json: boolean;
}

export const LISTEN_HELP = `Captions of what is spoken: light while it is being said, dark when it is final.

Usage: npm run listen -- --language TAG [FILE | -] [options]

What is listened to:
  (nothing)            the microphone, by arecord or ffmpeg
  FILE                 a recording in any format
  -                    standard input: WAV, or samples without a header

  --language TAG       what is spoken: BCP-47, e.g. el, es-419; ${AUTO_LANGUAGE}: it is found by listening
  --languages TAG,…    with ${AUTO_LANGUAGE}: one of these
  --adapter NAME       NAME or NAME@VERSION; "none" for the base model; "auto" (the default): the language decides
  --keyword WORD       more likely than the model thinks; may be repeated
  --prompt TEXT        what was said before, or how words are written
  --translate          into English
  --endpointing WHEN   on (the default): a pause of ${DEFAULT_ENDPOINTING.silenceMs} ms ends an utterance; a number: one of so many
                       milliseconds; off: 30 s do

  --pace               a file as fast as it was spoken, and not as fast as it is recognised
  --channels MODE      of a file: mix (the default), or apart: captions for each channel
  --encoding NAME      of samples without a header: ${AUDIO_ENCODINGS.join(', ')} (default: the first)
  --sample-rate HZ     of these; default 16000
  --channel-count N    of these; default 1
  --device NAME        the microphone, as arecord (-D) or ffmpeg (-i) names it

Who recognises it:
  --server URL         a service; its key is in FLORA_ASR_KEY. Left out, one is started for this, and stopped at the end
  --model NAME         of the one that is started, as for npm start: MODEL
  --adapters DIR       of the one that is started; may be repeated

  --json               every event of the stream, one a line
  --help               this text

Elsewhere than on a terminal only finals are printed, one a line. Ctrl-C ends listening; the words of what was heard
until then still come. A second one ends everything at once.
`;

/**
 * @returns null if help was asked for
 * @throws FloraAsrError `argument_invalid`
 */
export function parseListenArguments(args: readonly string[], env: NodeJS.ProcessEnv): ListenArguments | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      language: { type: 'string' },
      languages: { type: 'string' },
      adapter: { type: 'string', default: 'auto' },
      keyword: { type: 'string', multiple: true, default: [] },
      prompt: { type: 'string' },
      translate: { type: 'boolean', default: false },
      endpointing: { type: 'string', default: 'on' },
      pace: { type: 'boolean', default: false },
      channels: { type: 'string', default: 'mix' },
      encoding: { type: 'string', default: AUDIO_ENCODINGS[0] },
      'sample-rate': { type: 'string', default: '16000' },
      'channel-count': { type: 'string', default: '1' },
      device: { type: 'string' },
      server: { type: 'string' },
      model: { type: 'string' },
      adapters: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { language, languages, server, model, adapters } = values;
  if (language === undefined) throw invalid(`say what is spoken: --language TAG, or --language ${AUTO_LANGUAGE}`);
  if (positionals.length > 1) throw invalid(`one thing is listened to at a time, not ${positionals.join(', ')}`);
  if (server !== undefined && (model !== undefined || adapters !== undefined)) {
    throw invalid('--model and --adapters are for a service that is started; that of --server has its own');
  }
  const raw = {
    encoding: oneOf('--encoding', values.encoding, AUDIO_ENCODINGS),
    sample_rate: numberWithin('--sample-rate', values['sample-rate'], [LOWEST_SAMPLE_RATE_HZ, HIGHEST_SAMPLE_RATE_HZ]),
    channels: numberWithin('--channel-count', values['channel-count'], [1, MOST_CHANNELS]),
  };
  const channels = oneOf('--channels', values.channels, ['mix', 'apart']);
  return {
    input: inputOf(positionals[0], { raw, channels, device: values.device }),
    service:
      server === undefined
        ? { kind: 'local', model, adapterFolders: adapters ?? DEFAULT_ADAPTERS }
        : { kind: 'server', url: server, apiKey: env['FLORA_ASR_KEY'] },
    language,
    languages: languages?.split(',').map((tag) => tag.trim()),
    adapter: adapterOf(values.adapter),
    endpointing: endpointingOf(values.endpointing),
    keywords: values.keyword,
    prompt: values.prompt,
    translate: values.translate,
    pace: values.pace,
    json: values.json,
  };
}

interface InputOptions {
  readonly raw: WavSettings;
  readonly channels: ChannelMode;
  readonly device: string | undefined;
}

function inputOf(named: string | undefined, { raw, channels, device }: InputOptions): ListenInput {
  if (named === undefined) return { kind: 'microphone', device };
  return named === '-' ? { kind: 'pipe', raw } : { kind: 'file', path: named, channels };
}

function numberWithin(flag: string, value: string, [least, most]: readonly [number, number]): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw invalid(`${flag} is a number from ${least} to ${most}, not "${value}"`);
}

function invalid(message: string): FloraAsrError {
  return new FloraAsrError('argument_invalid', message);
}
