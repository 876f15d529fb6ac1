import { z } from 'zod';
import type { SampleEncoding } from '../../asr/audio/sample-encodings.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { nearestName } from '../configuration/nearest-name.ts';
import { HIGHEST_SAMPLE_RATE_HZ, LOWEST_SAMPLE_RATE_HZ, MOST_CHANNELS } from '../protocol/stream-messages.ts';
import { asHotWords } from './keyterms.ts';
import { fateOf, isListenParameter, LISTEN_PARAMETERS, type ListenDoor, type ListenParameter } from './listen-parameters.ts';
import { decimal, flag, languageTag, phrases, wholeNumber } from './listen-values.ts';

/** What both doors take. */
export interface ListenQuery {
  readonly model: string | undefined;
  readonly language: AskedLanguage;
  /** whether `transcript` has punctuation and upper case */
  readonly punctuate: boolean;
  readonly hotWords: readonly string[];
  /** each channel is recognised by itself */
  readonly multichannel: boolean;
  readonly extra: Readonly<Record<string, string>>;
}

/** A BCP-47 tag; or it is found among these, or among those of the service. */
export type AskedLanguage = string | { readonly among: readonly string[] | 'served' };

/** Samples without a container. */
export interface RawAudio {
  readonly encoding: SampleEncoding;
  readonly sampleRateHz: number;
  readonly channels: number;
}

export interface StreamQuery extends ListenQuery {
  /** null: compressed, in a form that tells itself */
  readonly raw: RawAudio | null;
  /** of the audio */
  readonly channels: number;
  readonly interimResults: boolean;
  /** silence that ends an utterance */
  readonly silenceMs: number;
  /** whether an utterance's end is told */
  readonly speechFinal: boolean;
  readonly utteranceEndMs: number | null;
  readonly vadEvents: boolean;
}

export interface FileQuery extends ListenQuery {
  /** null: what it is, the file tells itself */
  readonly raw: RawAudio | null;
  readonly utterances: boolean;
  readonly splitMs: number;
  readonly paragraphs: boolean;
  readonly tags: readonly string[];
}

/**
 * Deepgram's own default is 10 ms, of a recogniser that keeps its state over a pause. Whisper hears each utterance by
 * itself: shorter pauses than this are within words and phrases, and would cut them.
 */
export const SHORTEST_SILENCE_MS = 200;
const DEFAULT_SILENCE_MS = 500;
const LONGEST_SILENCE_MS = 10_000;
/** Deepgram's default of `utt_split`. */
const DEFAULT_SPLIT_SECONDS = 0.8;

const RAW_ENCODINGS: Readonly<Record<string, SampleEncoding>> = {
  linear16: 'pcm_s16le',
  linear32: 'pcm_f32le',
  mulaw: 'mulaw',
  alaw: 'alaw',
};
/** Their streams tell what they are. */
const COMPRESSED = ['flac', 'amr-nb', 'amr-wb', 'opus', 'ogg-opus', 'speex'] as const;

/** `detect_language` and `language_hint` may come with several tags; what is no array comes once. */
const ARRAYS: ReadonlySet<string> = new Set(['detect_language', 'extra', 'keyterm', 'keywords', 'language_hint', 'tag']);

const asked = z.object({
  model: z.string().max(200, 'at most 200 characters long').optional(),
  language: languageTag.optional(),
  detect_language: z.array(languageTag).optional(),
  language_hint: z.array(languageTag).optional(),
  encoding: z.enum([...Object.keys(RAW_ENCODINGS), ...COMPRESSED], encodings()).optional(),
  sample_rate: wholeNumber(LOWEST_SAMPLE_RATE_HZ, HIGHEST_SAMPLE_RATE_HZ).optional(),
  channels: wholeNumber(1, MOST_CHANNELS).default(1),
  multichannel: flag.default(false),
  punctuate: flag.optional(),
  smart_format: flag.default(false),
  keyterm: phrases.default([]),
  keywords: phrases.default([]),
  extra: z
    .array(
      z
        .string()
        .max(200, 'at most 200 characters long')
        .regex(/^[^:]+:/, 'key:value'),
    )
    .default([]),
  tag: z.array(z.string().max(128, 'at most 128 characters long')).default([]),
  alternatives: z.literal('1', '1: there is one').optional(),

  interim_results: flag.default(false),
  endpointing: z
    .union([flag, wholeNumber(0, LONGEST_SILENCE_MS)], `false, or milliseconds up to ${LONGEST_SILENCE_MS}`)
    .default(true),
  utterance_end_ms: wholeNumber(1_000, 5_000).optional(),
  vad_events: flag.default(false),

  utterances: flag.default(false),
  utt_split: decimal(0.1, 60).default(DEFAULT_SPLIT_SECONDS),
  paragraphs: flag.default(false),
});
type Asked = z.output<typeof asked>;

/** @throws FloraAsrError `request_invalid`, `parameter_unsupported`, with the parameter */
export function parseStreamQuery(query: URLSearchParams): StreamQuery {
  const values = parse(query, 'stream');
  const { interim_results: interimResults, utterance_end_ms: utteranceEndMs = null, endpointing } = values;
  if (utteranceEndMs !== null && !interimResults) {
    throw invalid('utterance_end_ms', 'utterance_end_ms needs interim_results=true.');
  }
  return {
    ...common(values),
    raw: rawAudio(values, { needsRate: true }),
    channels: values.channels,
    interimResults,
    silenceMs: typeof endpointing === 'number' ? Math.max(SHORTEST_SILENCE_MS, endpointing) : DEFAULT_SILENCE_MS,
    speechFinal: endpointing !== false,
    utteranceEndMs,
    vadEvents: values.vad_events,
  };
}

/** @throws FloraAsrError `request_invalid`, `parameter_unsupported`, with the parameter */
export function parseFileQuery(query: URLSearchParams): FileQuery {
  const values = parse(query, 'file');
  return {
    ...common(values),
    // a file that says what it is may come with an encoding all the same
    raw: rawAudio(values, { needsRate: false }),
    utterances: values.utterances,
    splitMs: 1000 * values.utt_split,
    paragraphs: values.paragraphs || values.smart_format,
    tags: values.tag,
  };
}

function parse(query: URLSearchParams, door: ListenDoor): Asked {
  const given = new Map<ListenParameter, string[]>();
  for (const [name, value] of query) {
    if (!isListenParameter(name)) throw unknownParameter(name);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  for (const [name, values] of given) refuse(name, values, door);
  const texts = [...given].map(([name, values]) => [name, ARRAYS.has(name) ? values : once(name, values)]);
  const parsed = asked.safeParse(Object.fromEntries(texts));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '') as ListenParameter;
  const written = (given.get(name) ?? []).join(', ').slice(0, 60);
  throw invalid(name, `${name} must be ${issue?.message ?? 'valid'}; "${written}" is not.`);
}

/** `false` is not asked for. @throws FloraAsrError `parameter_unsupported` */
function refuse(name: ListenParameter, values: readonly string[], door: ListenDoor): void {
  const fate = fateOf(name, door);
  if (fate.kind !== 'refused' || values.every((value) => value === 'false' || value === '')) return;
  throw new FloraAsrError('parameter_unsupported', `${name} is not supported: ${fate.note}. Leave it out.`, { param: name });
}

function once(name: ListenParameter, values: readonly string[]): string {
  const [value = '', ...others] = values;
  if (others.length === 0) return value;
  throw invalid(name, `${name} is given ${values.length} times; give it once.`);
}

function unknownParameter(given: string): FloraAsrError {
  const name = given.slice(0, 60);
  const near = nearestName(name, Object.keys(LISTEN_PARAMETERS));
  const hint = near === null ? '; leave it out' : `; did you mean ${near}?`;
  return invalid(name, `There is no parameter "${name}"${hint}${near === null ? '.' : ''}`);
}

function common(values: Asked): ListenQuery {
  const { model, punctuate, smart_format: smartFormat, keyterm, keywords, multichannel, extra } = values;
  return {
    model,
    language: languageOf(values),
    punctuate: (punctuate ?? false) || smartFormat,
    hotWords: asHotWords({ keyterm, keywords }),
    multichannel,
    extra: Object.fromEntries(extra.map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)])),
  };
}

function languageOf({ language, detect_language: detect = ['false'], language_hint: hints = [] }: Asked): AskedLanguage {
  const named = detect.filter((tag) => tag !== 'true' && tag !== 'false');
  const isMulti = language?.toLowerCase() === 'multi';
  const detects = isMulti || named.length > 0 || hints.length > 0 || detect.includes('true');
  if (!detects) return language ?? 'en';
  if (language !== undefined && !isMulti) {
    throw invalid('language', `language says ${language}, and something else that it is to be found; leave one of them out.`);
  }
  const among = [...new Set([...named, ...hints])];
  return { among: among.length === 0 ? 'served' : among };
}

function rawAudio(
  { encoding, sample_rate: sampleRateHz, channels }: Asked,
  { needsRate }: { needsRate: boolean },
): RawAudio | null {
  const known = encoding === undefined ? undefined : RAW_ENCODINGS[encoding];
  if (known === undefined) return null;
  if (sampleRateHz !== undefined) return { encoding: known, sampleRateHz, channels };
  if (!needsRate) return null;
  throw invalid('sample_rate', `sample_rate is missing: with encoding=${encoding}, say how many samples a second has.`);
}

function encodings(): string {
  const raw = Object.keys(RAW_ENCODINGS).join(', ');
  return `${raw}, ${COMPRESSED.join(', ')}, or left out for what comes in a container`;
}

function invalid(param: string, message: string): FloraAsrError {
  return new FloraAsrError('request_invalid', message, { param });
}
