/*
 * Every query parameter of Deepgram's /v1/listen, and what becomes of it here. None is left out silently: it is
 * honoured, or ignored because nothing is lost by that, or refused by name.
 */

/** By WebSocket, or by `POST`. */
export type ListenDoor = 'stream' | 'file';

export type ParameterFate =
  | { readonly kind: 'supported'; readonly doors: readonly ListenDoor[]; readonly note: string }
  /** harmless to leave out, and why */
  | { readonly kind: 'ignored'; readonly note: string }
  /** what a client would miss without being told */
  | { readonly kind: 'refused'; readonly note: string };

const supported = (note: string): ParameterFate => ({ kind: 'supported', doors: ['stream', 'file'], note });
const ofStreams = (note: string): ParameterFate => ({ kind: 'supported', doors: ['stream'], note });
const ofFiles = (note: string): ParameterFate => ({ kind: 'supported', doors: ['file'], note });
const ignored = (note: string): ParameterFate => ({ kind: 'ignored', note });
const refused = (note: string): ParameterFate => ({ kind: 'refused', note });

export const LISTEN_PARAMETERS = {
  model: supported("Deepgram's names mean the served base, with the adapter of the language; an adapter's name that adapter"),
  language: supported('a BCP-47 tag; `multi` finds the language; `en` if left out'),
  detect_language: supported('`true` finds the language; a tag, any number of times, finds it among these'),
  language_hint: supported('a tag, any number of times: the language is found among these'),
  encoding: supported(
    'linear16, linear32 (floats), mulaw, alaw; left out, or the name of a compressed form: told by its content',
  ),
  sample_rate: supported('Hz of raw samples, 8000 to 48000; needed with their encoding'),
  channels: supported('1 to 8, of raw samples'),
  multichannel: supported('each channel by itself; else their mean is recognised'),
  punctuate: supported('`false`, as left out: no punctuation and lower case in `transcript`'),
  smart_format: supported('as `punctuate`; Whisper writes numbers and dates in figures by itself'),
  keyterm: supported('a word or phrase that is more likely, any number of times'),
  keywords: supported('as `keyterm`; `word:2` is taken without its weight, and a weight below 0 is refused'),
  extra: supported('`key:value`, any number of times: in the metadata of what is answered'),

  interim_results: ofStreams('words while they are spoken, with `is_final` false'),
  endpointing: ofStreams(
    'ms of silence that end an utterance, at least 200; 500 if left out; `false`: `speech_final` never comes',
  ),
  utterance_end_ms: ofStreams('1000 to 5000; needs `interim_results`'),
  vad_events: ofStreams('`SpeechStarted`'),

  utterances: ofFiles('`results.utterances`'),
  utt_split: ofFiles('seconds of pause between two of them; 0.8 if left out'),
  paragraphs: ofFiles('`paragraphs` of each channel; with `smart_format`, too'),
  tag: supported('any number of times: in the metadata of a file'),

  alternatives: ignored('there is one; more are refused'),
  callback_method: ignored('says nothing without `callback`'),
  custom_intent_mode: ignored('says nothing without `custom_intent`'),
  custom_topic_mode: ignored('says nothing without `custom_topic`'),
  filler_words: ignored('Whisper leaves most of them out, whatever is asked'),
  mip_opt_out: ignored('nothing is kept, and no model is trained with what is sent'),
  no_delay: ignored('nothing waits for formatting'),
  numerals: ignored('Whisper writes most numbers in figures by itself'),
  tier: ignored('there is one'),
  version: ignored('there is one'),

  callback: refused('answers go to who asks'),
  custom_intent: refused('words are recognised, and not what they are about'),
  custom_topic: refused('words are recognised, and not what they are about'),
  detect_entities: refused('words are recognised, and not what they name'),
  diarize: refused('speakers are not told apart; channels are, by `multichannel`'),
  diarize_model: refused('speakers are not told apart; channels are, by `multichannel`'),
  dictation: refused('spoken commands stay words'),
  intents: refused('words are recognised, and not what they are about'),
  measurements: refused('units stay as they are recognised'),
  ner: refused('words are recognised, and not what they name'),
  profanity_filter: refused('words are told as they are recognised'),
  redact: refused('what should be hidden would be told'),
  replace: refused('words are told as they are recognised'),
  search: refused('search in the transcript'),
  sentiment: refused('words are recognised, and not how they are meant'),
  summarize: refused('words are recognised, and not summed up'),
  topics: refused('words are recognised, and not what they are about'),
} as const satisfies Readonly<Record<string, ParameterFate>>;

export type ListenParameter = keyof typeof LISTEN_PARAMETERS;

export function isListenParameter(name: string): name is ListenParameter {
  return Object.hasOwn(LISTEN_PARAMETERS, name);
}

/** What becomes of a parameter at this door. */
export function fateOf(name: ListenParameter, door: ListenDoor): ParameterFate {
  const fate: ParameterFate = LISTEN_PARAMETERS[name];
  if (fate.kind !== 'supported' || fate.doors.includes(door)) return fate;
  const where = door === 'stream' ? 'there is no such thing in a stream; it is for files' : 'it is for streams';
  return { kind: 'refused', note: where };
}
