import { parseArgs } from 'node:util';
import type { ChannelMode } from '../../asr/audio/channels.ts';
import type { ComputeTypeChoice } from '../../asr/engine/compute-type.ts';
import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import type { ProviderChoice } from '../../kernels/choose-provider.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { DEFAULT_ADAPTERS } from '../chosen-adapters.ts';
import { adapterOf, endpointingOf, oneOf, wholeNumber } from './option-values.ts';

/** A file with what was said about it before its name. */
export interface FileArgument {
  readonly path: string;
  readonly language: string;
  /** undefined: the language decides; null: the base model */
  readonly adapter: string | null | undefined;
}

export interface TranscribeArguments {
  readonly files: readonly FileArgument[];
  readonly model: string;
  readonly adapterFolders: readonly string[];
  readonly provider: ProviderChoice;
  readonly computeType: ComputeTypeChoice;
  readonly threads: number | undefined;
  readonly channels: ChannelMode;
  readonly endpointing: Endpointing;
  readonly fullContext: boolean;
  readonly json: boolean;
}

export const TRANSCRIBE_HELP = `Words of recordings: all files and languages in one shared batch, each with its own adapter.

Usage: npm run transcribe -- --language TAG [--adapter NAME] FILE... [--language TAG FILE...] [options]

Holds for the files behind it, until it is given again:
  --language TAG       what is spoken: BCP-47, e.g. el, es-419
  --adapter NAME       NAME or NAME@VERSION of a loaded adapter; "none" for the base model;
                       "auto" (the default) takes the language's, if there is one

Options:
  --adapters DIR       load the adapter in DIR, or those in its sub-folders; may be repeated
                       (default: "published", those that come with it; "none" for none)
  --model NAME         whisper-base (the default), another of "npm run models -- list", or a folder
  --compute-type TYPE  auto, int8 or fp32
  --provider NAME      auto, cpu, cuda or webgpu: where the model runs
  --threads N          of the CPU; all cores if left out
  --channels MODE      mix (the default), or apart: a line for each channel
  --endpointing WHEN   on (the default): only speech is recognised, in utterances that end at pauses;
                       a number: so many milliseconds of silence are a pause (on: ${DEFAULT_ENDPOINTING.silenceMs});
                       off: all of it is recognised, in pieces of up to 30 s
  --full-context       30 s of context for each utterance, whatever the adapter was trained for
  --json               one JSON document with times, log-probabilities and what ran
  --help               this text

Any audio format is read, of any length; what is spoken for more than 30 s without a pause is cut at a
quiet place. One file prints its words alone, several print the file's name before them. A file that
cannot be read is reported on standard error, the others go on, and the exit code is 1.
`;

/**
 * @returns null if help was asked for
 * @throws FloraAsrError `argument_invalid`
 */
export function parseTranscribeArguments(args: readonly string[]): TranscribeArguments | null {
  const { values, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      language: { type: 'string', multiple: true },
      adapter: { type: 'string', multiple: true },
      adapters: { type: 'string', multiple: true, default: [...DEFAULT_ADAPTERS] },
      model: { type: 'string', default: 'whisper-base' },
      'compute-type': { type: 'string', default: 'auto' },
      provider: { type: 'string', default: 'auto' },
      threads: { type: 'string' },
      channels: { type: 'string', default: 'mix' },
      endpointing: { type: 'string', default: 'on' },
      'full-context': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const files = filesOf(tokens);
  if (files.length === 0) throw new FloraAsrError('argument_invalid', 'there is no file to transcribe; --help shows how');
  return {
    files,
    model: values.model,
    adapterFolders: values.adapters,
    provider: oneOf('--provider', values.provider, ['auto', 'cpu', 'cuda', 'webgpu']),
    computeType: oneOf('--compute-type', values['compute-type'], ['auto', 'int8', 'fp32']),
    threads: values.threads === undefined ? undefined : wholeNumber('--threads', values.threads),
    channels: oneOf('--channels', values.channels, ['mix', 'apart']),
    endpointing: endpointingOf(values.endpointing),
    fullContext: values['full-context'],
    json: values.json,
  };
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/** The order of the arguments tells which language and adapter a file has. */
function filesOf(tokens: readonly Token[]): readonly FileArgument[] {
  let language: string | undefined;
  let adapter: string | null | undefined;
  const files: FileArgument[] = [];
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'language') language = token.value;
    if (token.kind === 'option' && token.name === 'adapter') adapter = adapterOf(token.value ?? '');
    if (token.kind !== 'positional') continue;
    if (language === undefined) {
      throw new FloraAsrError('argument_invalid', `${token.value} has no language; put --language TAG before it`);
    }
    files.push({ path: token.value, language, adapter });
  }
  return files;
}
