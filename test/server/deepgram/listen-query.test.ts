import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { LISTEN_PARAMETERS } from '../../../server/deepgram/listen-parameters.ts';
import { parseFileQuery, parseStreamQuery, SHORTEST_SILENCE_MS } from '../../../server/deepgram/listen-query.ts';

const stream = (query: string) => parseStreamQuery(new URLSearchParams(query));
const file = (query: string) => parseFileQuery(new URLSearchParams(query));

function refusal(parse: () => unknown): Pick<FloraAsrError, 'code' | 'param' | 'message'> {
  try {
    parse();
  } catch (error) {
    if (error instanceof FloraAsrError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('the query of a stream', () => {
  it('that says nothing is of a container, in English, as Deepgram has its defaults', () => {
    expect(stream('')).toEqual({
      model: undefined,
      language: 'en',
      punctuate: false,
      hotWords: [],
      multichannel: false,
      extra: {},
      raw: null,
      channels: 1,
      interimResults: false,
      silenceMs: 500,
      speechFinal: true,
      utteranceEndMs: null,
      vadEvents: false,
    });
  });

  it('says how raw samples come', () => {
    const raw = (query: string) => stream(query).raw;
    expect(raw('encoding=linear16&sample_rate=16000')).toEqual({ encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 });
    expect(raw('encoding=linear32&sample_rate=48000')?.encoding).toBe('pcm_f32le');
    expect(raw('encoding=mulaw&sample_rate=8000&channels=2')).toEqual({ encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 });
    expect(raw('encoding=ogg-opus')).toBeNull();
    expect(refusal(() => raw('encoding=alaw'))).toMatchObject({ code: 'request_invalid', param: 'sample_rate' });
  });

  it.each([
    ['encoding=g729', 'encoding'],
    ['encoding=linear16&sample_rate=4000', 'sample_rate'],
    ['channels=20', 'channels'],
    ['interim_results=yes', 'interim_results'],
    ['endpointing=soon', 'endpointing'],
    ['endpointing=20000', 'endpointing'],
    ['utterance_end_ms=500&interim_results=true', 'utterance_end_ms'],
    ['utterance_end_ms=1000', 'utterance_end_ms'],
    ['alternatives=3', 'alternatives'],
    ['language=', 'language'],
    ['language=el&language=es', 'language'],
    ['extra=key', 'extra'],
    ['keyterm=', 'keyterm'],
    [`keyterm=${'a'.repeat(201)}`, 'keyterm'],
    [Array.from({ length: 11 }, (_, index) => `keyterm=${index}${'a'.repeat(198)}`).join('&'), 'keyterm'],
  ])('is refused by the name of what is wrong: %s', (query, param) => {
    expect(refusal(() => stream(query))).toMatchObject({ code: 'request_invalid', param });
  });

  it('says what would be right', () => {
    expect(refusal(() => stream('endpointing=soon')).message).toBe(
      'endpointing must be false, or milliseconds up to 10000; "soon" is not.',
    );
    expect(refusal(() => stream('interim_result=true')).message).toBe(
      'There is no parameter "interim_result"; did you mean interim_results?',
    );
    expect(refusal(() => stream('colour=red')).message).toBe('There is no parameter "colour"; leave it out.');
  });

  it('ends utterances at pauses that are none within words', () => {
    expect(stream('endpointing=10')).toMatchObject({ silenceMs: SHORTEST_SILENCE_MS, speechFinal: true });
    expect(stream('endpointing=300')).toMatchObject({ silenceMs: 300, speechFinal: true });
    expect(stream('endpointing=true')).toMatchObject({ silenceMs: 500, speechFinal: true });
    expect(stream('endpointing=false')).toMatchObject({ silenceMs: 500, speechFinal: false });
  });

  it('names a language, or how it is found', () => {
    expect(stream('language=el').language).toBe('el');
    expect(stream('language=multi').language).toEqual({ among: 'served' });
    expect(stream('language=multi&language_hint=el&language_hint=es').language).toEqual({ among: ['el', 'es'] });
    expect(stream('detect_language=true').language).toEqual({ among: 'served' });
    expect(stream('detect_language=fr&detect_language=es').language).toEqual({ among: ['fr', 'es'] });
    expect(stream('detect_language=false').language).toBe('en');
    expect(refusal(() => stream('language=el&detect_language=true'))).toMatchObject({ param: 'language' });
  });

  it('formats as Deepgram does: only if it is asked to', () => {
    expect(stream('punctuate=true').punctuate).toBe(true);
    expect(stream('smart_format=true').punctuate).toBe(true);
    expect(stream('punctuate=false').punctuate).toBe(false);
  });

  it('makes words more likely, whichever way they are given', () => {
    expect(stream('keyterm=Άμφισσα&keyterm=customer%20service').hotWords).toEqual(['Άμφισσα', 'customer service']);
    expect(stream('keywords=snuffle:2&keywords=fume&keyterm=fume').hotWords).toEqual(['fume', 'snuffle']);
    expect(refusal(() => stream('keywords=fume:-3'))).toMatchObject({ code: 'parameter_unsupported', param: 'keywords' });
  });

  it('keeps what is to be attached, colons and all', () => {
    expect(stream('extra=call:17&extra=at:12:30').extra).toEqual({ call: '17', at: '12:30' });
  });

  it.each(Object.entries(LISTEN_PARAMETERS).filter(([, fate]) => fate.kind === 'refused'))(
    'does not take %s, unless it is false',
    (name) => {
      expect(refusal(() => stream(`${name}=true`))).toMatchObject({ code: 'parameter_unsupported', param: name });
      expect(refusal(() => file(`${name}=true`))).toMatchObject({ code: 'parameter_unsupported', param: name });
      expect(stream(`${name}=false`)).toEqual(stream(''));
    },
  );

  it.each(Object.entries(LISTEN_PARAMETERS).filter(([, fate]) => fate.kind === 'ignored'))('is the same without %s', (name) => {
    expect(stream(`${name}=1`)).toEqual(stream(''));
    expect(file(`${name}=1`)).toEqual(file(''));
  });

  it('does not ask for what only files have, and the other way round', () => {
    expect(refusal(() => stream('utterances=true'))).toMatchObject({ code: 'parameter_unsupported', param: 'utterances' });
    expect(refusal(() => file('vad_events=true'))).toMatchObject({ code: 'parameter_unsupported', param: 'vad_events' });
    expect(file('interim_results=false')).toEqual(file(''));
  });
});

describe('the query of a file', () => {
  it('says what the answer has', () => {
    expect(file('utterances=true&utt_split=1.5&tag=a&tag=b')).toMatchObject({
      utterances: true,
      splitMs: 1_500,
      paragraphs: false,
      tags: ['a', 'b'],
    });
    expect(file('smart_format=true')).toMatchObject({ paragraphs: true, punctuate: true, splitMs: 800 });
  });

  it('says how raw samples come, and need not where the file does', () => {
    expect(file('encoding=linear16&sample_rate=8000').raw).toEqual({ encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 });
    expect(file('encoding=linear16').raw).toBeNull();
    expect(file('encoding=flac').raw).toBeNull();
  });
});
