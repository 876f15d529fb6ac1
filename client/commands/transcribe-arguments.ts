import { parseArgs } from 'node:util';
import type { ChannelMode } from '../../asr/audio/channels.ts';
import { DEFAULT_BEAM_SIZES, WIDEST_BEAM } from '../../asr/engine/beam-sizes.ts';
import type { ComputeTypeChoice } from '../../asr/engine/compute-type.ts';
import { DEFAULT_ENDPOINTING, type Endpointing } from '../../asr/streaming/endpointing.ts';
import type { ProviderChoice } from '../../kernels/choose-provider.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { DEFAULT_ADAPTERS } from '../../server/chosen-adapters.ts';
import { AUTO_LANGUAGE } from '../../server/protocol/audio-requests.ts';
import { adapterOf, endpointingOf, oneOf, wholeNumber } from './option-values.ts';

/** A file, or a folder of them, with what was said about it before its name. */
export interface FileArgument {
  readonly path: string;
  /** `auto`: it is found */
  readonly language: string;
  /** undefined: the language decides; null: the base model */
  readonly adapter: string | null | undefined;
}

/** In the order in which --help names them. */
export const OUTPUT_FORMATS = ['text', 'srt', 'vtt', 'json', 'verbose_json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A service that does the work. */
export interface RemoteService {
  readonly url: string;
  readonly apiKey: string | undefined;
}

export interface TranscribeArguments {
  readonly files: readonly FileArgument[];
  /** null: it is done here */
  readonly server: RemoteService | null;
  readonly format: OutputFormat;
  /** null: it is printed */
  readonly outFolder: string | null;
  readonly model: string;
  readonly adapterFolders: readonly string[];
  readonly provider: ProviderChoice;
  readonly computeType: ComputeTypeChoice;
  readonly threads: number | undefined;
  readonly beamSize: number;
  readonly channels: ChannelMode;
  readonly endpointing: Endpointing;
  readonly fullContext: boolean;
  readonly json: boolean;
}

export const TRANSCRIBE_HELP = `Words of recordings: all files and languages in one shared batch, each with its own adapter.

Usage: npm run transcribe -- --language TAG [--adapter NAME] FILE... [--language TAG FILE...] [options]

FILE may be a folder: all recordings in it and below it, by their names' endings.

Holds for the files behind it, until it is given again:
  --language TAG       what is spoken: BCP-47, e.g. el, es-419; ${AUTO_LANGUAGE}: it is found by listening
  --adapter NAME       NAME or NAME@VERSION of a loaded adapter; "none" for the base model;
                       "auto" (the default) takes the language's, if there is one

Options:
  --format NAME        text (the default), srt, vtt, json or verbose_json, as POST /v1/audio/transcriptions has them
  --out DIR            a file for each recording, named as it is, below DIR; those that are there are not done
                       again, so that an interrupted run goes on
  --server URL         a running service does it; its key is in FLORA_ASR_KEY
  --adapters DIR       load the adapter in DIR, or those in its sub-folders; may be repeated
                       (default: "published", those that come with it; "none" for none)
  --model NAME         whisper-base (the default), another of "npm run models -- list", or a folder
  --compute-type TYPE  auto, int8 or fp32
  --provider NAME      auto, cpu, cuda or webgpu: where the model runs
  --threads N          of the CPU; all cores if left out
  --beam N             texts that are followed side by side, 1 to ${WIDEST_BEAM} (default: ${DEFAULT_BEAM_SIZES.file}); 1 is quickest
  --channels MODE      mix (the default), or apart: a line for each channel
  --endpointing WHEN   on (the default): only speech is recognised, in utterances that end at pauses;
                       a number: so many milliseconds of silence are a pause (on: ${DEFAULT_ENDPOINTING.silenceMs});
                       off: all of it is recognised, in pieces of up to 30 s
  --full-context       30 s of context for each utterance, whatever the adapter was trained for
  --json               one JSON document of all files, with times, log-probabilities and what ran
  --help               this text

Any audio format is read, of any length; what is spoken for more than 30 s without a pause is cut at a
quiet place. One file prints its words alone, several print the file's name before them. A file that
cannot be read is reported on standard error, the others go on, and the exit code is 1.
`;

/**
 * @returns null if help was asked for
 * @throws FloraAsrError `argument_invalid`
 */
export function parseTranscribeArguments(args: readonly string[], env: NodeJS.ProcessEnv = {}): TranscribeArguments | null {
  const { values, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      language: { type: 'string', multiple: true },
      adapter: { type: 'string', multiple: true },
      format: { type: 'string' },
      out: { type: 'string' },
      server: { type: 'string' },
      adapters: { type: 'string', multiple: true },
      model: { type: 'string' },
      'compute-type': { type: 'string' },
      provider: { type: 'string' },
      threads: { type: 'string' },
      beam: { type: 'string' },
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
  if (values.server !== undefined) refuseTogether('--server', values, OF_THIS_MACHINE);
  if (values.json) refuseTogether('--json', values, ['format', 'out']);
  return {
    files,
    server: values.server === undefined ? null : { url: values.server, apiKey: env['FLORA_ASR_KEY'] },
    format: oneOf('--format', values.format ?? 'text', OUTPUT_FORMATS),
    outFolder: values.out ?? null,
    model: values.model ?? 'whisper-base',
    adapterFolders: values.adapters ?? DEFAULT_ADAPTERS,
    provider: oneOf('--provider', values.provider ?? 'auto', ['auto', 'cpu', 'cuda', 'webgpu']),
    computeType: oneOf('--compute-type', values['compute-type'] ?? 'auto', ['auto', 'int8', 'fp32']),
    threads: values.threads === undefined ? undefined : wholeNumber('--threads', values.threads),
    beamSize: values.beam === undefined ? DEFAULT_BEAM_SIZES.file : wholeNumber('--beam', values.beam, WIDEST_BEAM),
    channels: oneOf('--channels', values.channels, ['mix', 'apart']),
    endpointing: endpointingOf(values.endpointing),
    fullContext: values['full-context'],
    json: values.json,
  };
}

/** What a service has decided for itself. */
const OF_THIS_MACHINE = ['adapters', 'model', 'compute-type', 'provider', 'threads', 'beam', 'full-context', 'json'] as const;

function refuseTogether(flag: string, values: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const given = names.find((name) => values[name] !== undefined && values[name] !== false);
  if (given === undefined) return;
  throw new FloraAsrError('argument_invalid', `--${given} does not go with ${flag}; leave one of them out`);
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
